import sys

from gradmark_report.cli import main

sys.exit(main())
