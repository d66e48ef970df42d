package carnelian.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestParserTest {
  /// A connection: bytes go in, commands come out.
  private static final class Requests implements AutoCloseable {
    final RequestLimits limits = new RequestLimits();
    final RequestParser parser = new RequestParser(limits);
    final NativeBuffer query = new NativeBuffer(16);
    final RequestBatch batch;
    final List<List<String>> commands = new ArrayList<>();

    Requests(int batchCommands) {
      batch = new RequestBatch(batchCommands);
    }

    Requests() {
      this(16);
    }

    Requests receive(String bytes) throws ProtocolException {
      query.put(bytes.getBytes(ISO_8859_1));
      do {
        batch.clear();
        parser.parse(query, batch);
        for (int i = 0; i < batch.commands(); i++) {
          commands.add(command(i));
        }
      } while (!batch.isEmpty());
      parser.discard(query);
      return this;
    }

    List<String> command(int index) {
      List<String> arguments = new ArrayList<>();
      for (int i = 0; i < batch.argc(index); i++) {
        arguments.add(batch.arg(index, i).toString());
      }
      return arguments;
    }

    @Override
    public void close() {
      query.close();
      batch.close();
    }
  }

  private static List<List<String>> parse(String bytes) throws ProtocolException {
    try (Requests requests = new Requests()) {
      return requests.receive(bytes).commands;
    }
  }

  private static void refused(String bytes, String reply) {
    try (Requests requests = new Requests()) {
      assertThatThrownBy(() -> requests.receive(bytes))
          .isInstanceOfSatisfying(
              ProtocolException.class, e -> assertThat(e.reply()).isEqualTo("ERR " + reply));
    }
  }

  private static String multibulk(List<String> command) {
    StringBuilder bytes = new StringBuilder("*" + command.size() + "\r\n");
    for (String argument : command) {
      bytes.append("$").append(argument.length()).append("\r\n").append(argument).append("\r\n");
    }
    return bytes.toString();
  }

  @Test
  void inlineRequests_areSplitAsRedisDoes() throws ProtocolException {
    assertThat(parse("PING\r\n")).containsExactly(List.of("PING"));
    assertThat(parse("get A\n")).containsExactly(List.of("get", "A"));
    assertThat(parse("  \r\n \tPING  \r\n")).containsExactly(List.of("PING"));
    assertThat(parse("set \"\\x41\\n\\q\" 'b\\'c'\r\n"))
        .containsExactly(List.of("set", "A\nq", "b'c"));
    assertThat(parse("echo 'a\\\"\\n'\r\n")).containsExactly(List.of("echo", "a\\\"\\n"));
    assertThat(parse("echo a'b'\r\n")).containsExactly(List.of("echo", "ab"));
    assertThat(parse("echo \"\"\r\n")).containsExactly(List.of("echo", ""));
    assertThat(parse("echo a\rb\tc\u000bd\r\n"))
        .containsExactly(List.of("echo", "a", "b", "c", "d"));
    assertThat(parse("echo \"\u00e9\\xzz\"\r\n")).containsExactly(List.of("echo", "\u00e9xzz"));
    assertThat(parse("A\r\nB b\r\n*1\r\n$1\r\nC\r\nD\r\n"))
        .containsExactly(List.of("A"), List.of("B", "b"), List.of("C"), List.of("D"));
    refused("\"a\r\n", "Protocol error: unbalanced quotes in request");
    refused("set \"a\"b c\r\n", "Protocol error: unbalanced quotes in request");
    refused("x".repeat(70_000), "Protocol error: too big inline request");
  }

  @Test
  void multibulkRequests_areReadAsRedisDoes() throws ProtocolException {
    assertThat(parse("*-5\r\n*0\r\n*-1\r\nPING\r\n")).containsExactly(List.of("PING"));
    assertThat(parse("*1\r\n$4\r\nPINGxx*1\rx$0\rxyy"))
        .containsExactly(List.of("PING"), List.of(""));
    assertThat(parse("*1\r\n\0abc\r\n")).isEmpty();
    refused("*1\r\nfoo\r\n", "Protocol error: expected '$', got 'f'");
    refused("*1\r\n\r\n", "Protocol error: expected '$', got '\r'");
    refused("*\r\n", "Protocol error: invalid multibulk length");
    refused("*-\r\n", "Protocol error: invalid multibulk length");
    refused("*+1\r\n", "Protocol error: invalid multibulk length");
    refused("*01\r\n", "Protocol error: invalid multibulk length");
    refused("*3000000000\r\n", "Protocol error: invalid multibulk length");
    refused("*1048577\r\n", "Protocol error: invalid multibulk length");
    refused("*99999999999999999999999999\r\n", "Protocol error: invalid multibulk length");
    refused("*1\r\n$-1\r\n", "Protocol error: invalid bulk length");
    refused("*1\r\n$+4\r\n", "Protocol error: invalid bulk length");
    refused("*1\r\n$536870913\r\n", "Protocol error: invalid bulk length");
    refused("*" + "1".repeat(70_000), "Protocol error: too big mbulk count string");
    refused("*1\r\n$" + "1".repeat(70_000), "Protocol error: too big bulk count string");
    refused("*\0" + "A".repeat(70_000), "Protocol error: too big mbulk count string");
    refused("\0" + "A".repeat(70_000), "Protocol error: too big inline request");
  }

  @Test
  void protocolError_waitsForTheCommandsBeforeIt() {
    try (Requests requests = new Requests()) {
      assertThatThrownBy(() -> requests.receive("*1\r\n$4\r\nPING\r\n*1\r\nfoo\r\n"))
          .hasMessage("Protocol error: expected '$', got 'f'");
      assertThat(requests.commands).containsExactly(List.of("PING"));
    }
  }

  @Test
  void unauthenticatedClient_mayOnlySendSmallCommands() throws ProtocolException {
    String large = multibulk(List.of("SET", "key", "v".repeat(16385)));
    try (Requests requests = new Requests()) {
      requests.parser.authenticated(false);
      requests.receive("*10\r\n$4\r\nPING\r\n");
      requests.receive("$1\r\na\r\n".repeat(9));
      assertThat(requests.commands).hasSize(1);
      assertThatThrownBy(() -> requests.receive("*11\r\n"))
          .hasMessage("Protocol error: unauthenticated multibulk length");
    }
    try (Requests requests = new Requests()) {
      requests.parser.authenticated(false);
      assertThatThrownBy(() -> requests.receive(large))
          .hasMessage("Protocol error: unauthenticated bulk length");
      requests.parser.authenticated(true);
      requests.receive("");
      assertThat(requests.commands).hasSize(1);
    }
  }

  @Test
  void rewoundCommands_areParsedAgain() throws ProtocolException {
    try (Requests requests = new Requests()) {
      requests.query.put(
          "*1\r\n$1\r\nA\r\n*2\r\n$1\r\nB\r\n$1\r\nb\r\n*1\r\n$1".getBytes(ISO_8859_1));
      requests.parser.parse(requests.query, requests.batch);
      assertThat(requests.batch.commands()).isEqualTo(2);
      assertThat(requests.batch.endOffset(0)).isEqualTo(requests.batch.startOffset(1));
      assertThat(requests.batch.argumentBytes(1)).isEqualTo(2);
      requests.parser.rewind(requests.batch.startOffset(1));
      requests.parser.discard(requests.query);
      requests.receive("\r\nC\r\n");
      assertThat(requests.commands).containsExactly(List.of("B", "b"), List.of("C"));
      assertThat(requests.query.length()).isZero();
    }
  }

  @Test
  void bigArgument_announcesTheBytesItStillNeeds() throws ProtocolException {
    try (Requests requests = new Requests()) {
      requests.receive("*2\r\n$4\r\nECHO\r\n$100000\r\nabc");
      assertThat(requests.parser.missingBytes(requests.query)).isEqualTo(100_000 + 2 - 3);
      assertThat(requests.parser.pendingArgumentBytes()).isEqualTo(100_004);
      requests.receive("x".repeat(99_997) + "\r\n");
      assertThat(requests.parser.missingBytes(requests.query)).isZero();
      assertThat(requests.commands.getFirst().get(1)).hasSize(100_000);
      requests.receive("*1\r\n$100\r\nabc");
      assertThat(requests.parser.missingBytes(requests.query)).isZero();
    }
  }

  @Test
  void manyArguments_inOneCommand_areAllFound() throws ProtocolException {
    List<String> command = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      command.add(Integer.toString(i));
    }
    assertThat(parse(multibulk(command) + "PING\r\n")).containsExactly(command, List.of("PING"));
  }

  @Test
  void randomCommands_splitAtEveryPosition_giveTheSameBatch() throws ProtocolException {
    long seed = 7;
    RandomSource random = RandomSource.seeded(seed);
    for (int round = 0; round < 30; round++) {
      List<List<String>> expected = new ArrayList<>();
      String bytes = randomRequests(random, expected);
      for (int cut = 0; cut <= bytes.length(); cut++) {
        try (Requests requests = new Requests(1 + random.nextInt(4))) {
          requests.receive(bytes.substring(0, cut)).receive(bytes.substring(cut));
          assertThat(requests.commands).as("seed %s, cut %s", seed, cut).isEqualTo(expected);
          assertThat(requests.query.length()).isZero();
        }
      }
      try (Requests requests = new Requests()) {
        for (int i = 0; i < bytes.length(); i++) {
          requests.receive(bytes.substring(i, i + 1));
        }
        assertThat(requests.commands).as("seed %s, byte by byte", seed).isEqualTo(expected);
      }
    }
  }

  private static String randomRequests(RandomSource random, List<List<String>> expected) {
    StringBuilder bytes = new StringBuilder();
    int commands = 1 + random.nextInt(6);
    for (int i = 0; i < commands; i++) {
      List<String> command = new ArrayList<>();
      boolean inline = random.nextInt(4) == 0;
      int arguments = 1 + random.nextInt(5);
      for (int j = 0; j < arguments; j++) {
        command.add(inline ? "word" + random.nextInt(100) : randomBytes(random));
      }
      bytes.append(inline ? String.join(" ", command) + "\r\n" : multibulk(command));
      expected.add(command);
    }
    return bytes.toString();
  }

  private static String randomBytes(RandomSource random) {
    int length = random.nextInt(3) == 0 ? random.nextInt(120) : random.nextInt(5);
    StringBuilder bytes = new StringBuilder();
    for (int i = 0; i < length; i++) {
      bytes.append("*$\r\n0a\0\u00ff".charAt(random.nextInt(8)));
    }
    return bytes.toString();
  }
}
