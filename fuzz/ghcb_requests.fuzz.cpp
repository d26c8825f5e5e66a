// SPDX-License-Identifier: MIT
// Requests about hypervisors as `sevspec serve` reads them: JSON Lines, of any bytes. Each line gets one line; those that
// get an error have changed nothing; all others can be read back, request and response, as what they were.
//
// The input is the lines. fuzz/make_corpus.py writes the seeds.
#include <string>
#include <string_view>

#include <sevspec/verify/ghcb_compare.hpp>

#include "../examples/sevspec/ghcb_protocol.hpp"
#include "../examples/sevspec/oracle_ghcb.hpp"
#include "../examples/sevspec/protocol.hpp"
#include "fuzzing.hpp"

namespace {

using namespace sevspec;
using sevspec::fuzz::demand;
using hypervisor = verify::ghcb_reference<>;

/// What `serve` answers.
auto answer_of(hypervisor& served, std::string_view line) -> std::string {
  std::string answer;
  tool::answer_line(line, answer, [&](const tool::json& object) {
    if (!tool::is_ghcb_request(object)) throw tool::protocol_error("no request about hypervisors");
    tool::answer_ghcb_request(object, served, answer);
  });
  return answer;
}

/// What `asked` says, written by the library and read again.
auto written_and_read(const tool::ghcb_request& asked) -> tool::ghcb_request {
  std::string line;
  if (asked.reset) tool::append_ghcb_reset(line, asked.setup);
  else tool::append_ghcb_request(line, asked.step);
  return tool::parse_ghcb_request(tool::parse_line(line));
}

/// @param twin  hears of no line that gets an error
void play_line(std::string_view line, hypervisor& served, hypervisor& twin) {
  const std::string answer = answer_of(served, line);
  demand(answer.find('\n') == std::string::npos, "a response is one line");
  const tool::json said = tool::parse_line(answer);
  if (!tool::is_error(said)) {
    const tool::json object = tool::parse_line(line);
    demand(tool::is_ghcb_request(object), "what is no request gets an error");
    const tool::ghcb_request asked = tool::parse_ghcb_request(object);
    const tool::ghcb_request again = written_and_read(asked);
    demand(again.reset == asked.reset && again.setup == asked.setup && again.step == asked.step,
           "a request that is written can be read");
    if (asked.reset) {
      (void)twin.reset(asked.setup);
    } else {
      const verify::ghcb_answer expected = twin.run(asked.step);
      demand(expected.how == verify::ghcb_answer::ending::answered, "what was answered makes sense");
      demand(!verify::difference_of(asked.step, expected, tool::parse_ghcb_answer(said, asked.step)),
             "a response says what the hypervisor did");
    }
  }
  demand(served.machine() == twin.machine(), "a line that gets an error changes nothing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of its own without a zero behind, so that the sanitizer notices a byte too far.
  const std::vector<char> exact(data, data + size);
  std::string_view left(exact.data(), exact.size());
  hypervisor served;
  hypervisor twin;
  for (unsigned lines = 0; lines < 32 && !left.empty(); ++lines) {
    const std::string_view line = left.substr(0, left.find('\n'));
    play_line(line, served, twin);
    left.remove_prefix(std::min(left.size(), line.size() + 1));
  }
  return 0;
}
