"""The plots: one module each, which makes a Plot of results. The page and `gradmark-report svg` show the same ones."""
