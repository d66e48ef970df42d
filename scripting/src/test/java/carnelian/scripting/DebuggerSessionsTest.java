package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sessions with the debugger as redis-server 7.0.15 answered them, letter by letter. In
/// `debugger-sessions.txt` each is: its name, the script, the rest of EVAL behind `-- `, what was
/// said, with commands behind `> `, and the reply of EVAL behind `= `.
class DebuggerSessionsTest {
  record Recorded(String name, String script, List<String> arguments, String said, String reply) {
    @Override
    public String toString() {
      return name;
    }

    String[] commands() {
      return said.lines()
          .filter(line -> line.startsWith("> "))
          .map(line -> line.substring(2))
          .toArray(String[]::new);
    }
  }

  static Stream<Recorded> sessions() throws IOException {
    try (InputStream in = DebuggerSessionsTest.class.getResourceAsStream("debugger-sessions.txt")) {
      assertThat(in).isNotNull();
      String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      return Stream.of(text.split("(?m)^== ", -1))
          .skip(1)
          .map(DebuggerSessionsTest::session)
          .toList()
          .stream();
    }
  }

  private static Recorded session(String block) {
    List<String> lines = new ArrayList<>(List.of(block.split("\n", -1)));
    String name = lines.removeFirst();
    int rest = 0;
    while (!lines.get(rest).matches("-- [0-9x].*")) {
      rest++;
    }
    String script = String.join(name.equals("crlf") ? "\r\n" : "\n", lines.subList(0, rest));
    List<String> arguments = List.of(lines.get(rest).substring(3).split(" ", -1));
    int end = rest + 1;
    while (!lines.get(end).startsWith("= ")) {
      end++;
    }
    String said = String.join("\n", lines.subList(rest + 1, end)) + "\n";
    return new Recorded(name, script, arguments, said, lines.get(end).substring(2));
  }

  @ParameterizedTest
  @MethodSource("sessions")
  void session_isAsInRedis(Recorded session) {
    try (ScriptedStore store = new ScriptedStore()) {
      DebuggerUser user = new DebuggerUser(session.commands());
      store.first().conversesAs(user);
      assertThat(store.run("SCRIPT", "DEBUG", "SYNC")).isEqualTo("OK");
      List<Object> words = new ArrayList<>(List.of("EVAL", session.script));
      words.addAll(session.arguments);
      String reply = store.store.raw(words.toArray());
      assertThat(user.seen()).isEqualTo(session.said);
      assertThat(reply.strip().replace("\r\n", "|")).isEqualTo(session.reply);
      assertThat(store.first().client().isOpen()).isFalse();
    }
  }
}
