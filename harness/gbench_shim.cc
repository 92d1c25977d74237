#include <benchmark/benchmark.h>

#include <exception>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "gbench.h"

struct gbench_state {
  benchmark::State *state;
};

namespace {

using Reporter = benchmark::BenchmarkReporter;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* of the CSV reporter, which users may still ask for */
std::unique_ptr<Reporter> make_reporter(const std::string &format) {
  if (format == "console") return std::make_unique<benchmark::ConsoleReporter>(benchmark::ConsoleReporter::OO_Tabular);
  if (format == "csv") return std::make_unique<benchmark::CSVReporter>();
  return std::make_unique<benchmark::JSONReporter>();
}
#pragma GCC diagnostic pop

/* Rows are reported by gradmark. Of Google Benchmark's own reporters each is given all rounds as if they were one run,
 * in which a round is a repetition. */
class Rounds : public Reporter {
 public:
  void open(bool own_output, bool for_file, const char *format) {
    if (own_output) reporters_.push_back(benchmark::CreateDefaultDisplayReporter());
    if (!for_file) return;
    owned_ = make_reporter(format ? format : "json");
    owned_->SetOutputStream(&stream_);
    owned_->SetErrorStream(&nowhere_);
    reporters_.push_back(owned_.get());
  }

  void set_round(int64_t round, int64_t rounds) { round_ = round, rounds_ = rounds; }

  bool ReportContext(const Context &context) override {
    if (has_begun_) return true;
    has_begun_ = true;
    for (auto *reporter : reporters_)
      if (!reporter->ReportContext(context)) return false;
    return true;
  }

  void ReportRuns(const std::vector<Run> &runs) override {
    std::vector<Run> of_round = runs;
    for (auto &run : of_round) run.repetition_index = round_, run.repetitions = rounds_;
    for (auto *reporter : reporters_) reporter->ReportRuns(of_round);
  }

  /* What has no row still has its head. */
  bool finish() {
    ReportContext(Context());
    for (auto *reporter : reporters_) reporter->Finalize();
    text_ = stream_.str();
    return stream_.good();
  }

  const std::string &text() const { return text_; }

 private:
  bool has_begun_ = false;
  int64_t round_ = 0, rounds_ = 1;
  std::ostringstream stream_;
  std::string text_;
  std::ostream nowhere_{nullptr};
  std::unique_ptr<Reporter> owned_;
  std::vector<Reporter *> reporters_;
};

Rounds &rounds() {
  static Rounds all;
  return all;
}

int run_registered(Rounds *reporter) {
  const auto matched = benchmark::RunSpecifiedBenchmarks(reporter);
  benchmark::ClearRegisteredBenchmarks();
  return static_cast<int>(matched);
}

/* No exception may pass into C. */
template <typename Value, typename Function>
Value unless_thrown(Value where_thrown, Function function) {
  try {
    return function();
  } catch (const std::exception &) {
    return where_thrown;
  }
}

}  // namespace

/* Nobody has checked what Google Benchmark's variables of the environment say, and it reads them while libraries are
 * initialised, which complains of what it cannot read: so they are gone before that. Nothing is initialised here yet,
 * not even a sanitizer, and no function of a library may be called. */
__attribute__((no_sanitize("address", "thread", "undefined"))) static void leave_out_variables(int, char **,
                                                                                               char **environment) {
  char **kept = environment;
  for (char **one = environment; *one; one++) {
    const char *name = "BENCHMARK_", *at = *one;
    while (*name && *name == *at) name++, at++;
    if (*name) *kept++ = *one;
  }
  *kept = nullptr;
}
__attribute__((section(".preinit_array"), used)) static void (*const before_all)(int, char **,
                                                                                 char **) = leave_out_variables;

extern "C" bool gbench_initialize(int *argc, char **argv) {
  return unless_thrown(false, [=] {
    benchmark::Initialize(argc, argv);
    return *argc <= 1;
  });
}

extern "C" bool gbench_register(const char *name, gbench_body *body, void *context, int64_t iterations) {
  return unless_thrown(false, [=] {
    auto *benchmark = benchmark::RegisterBenchmark(name, [body, context](benchmark::State &state) {
      gbench_state wrapped{&state};
      body(&wrapped, context);
    });
    benchmark->UseManualTime();
    if (iterations > 0) benchmark->Iterations(iterations);
    return true;
  });
}

extern "C" bool gbench_next(gbench_state *state) { return state->state->KeepRunning(); }

extern "C" void gbench_set_seconds(gbench_state *state, double seconds) { state->state->SetIterationTime(seconds); }

extern "C" void gbench_skip(gbench_state *state, const char *why) { state->state->SkipWithError(why); }

/* --benchmark_list_tests prints to the reporter's stream, and runs no body. */
extern "C" int gbench_choose(void) {
  return unless_thrown(-1, [] {
    std::ostream nowhere(nullptr);
    Rounds silent;
    silent.SetOutputStream(&nowhere);
    return run_registered(&silent);
  });
}

extern "C" bool gbench_open(bool own_output, bool for_file, const char *format) {
  return unless_thrown(false, [=] { return rounds().open(own_output, for_file, format), true; });
}

extern "C" int gbench_run(int64_t round, int64_t of) {
  return unless_thrown(-1, [=] {
    rounds().set_round(round, of);
    return run_registered(&rounds());
  });
}

extern "C" bool gbench_finish(void) {
  return unless_thrown(false, [] { return rounds().finish(); });
}

extern "C" const char *gbench_text(size_t *bytes) {
  *bytes = rounds().text().size();
  return rounds().text().data();
}
