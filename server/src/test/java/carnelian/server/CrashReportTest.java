package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Processes that a signal ends, and what they leave behind.
@Timeout(120)
class CrashReportTest {
  private static final String START = "=== CARNELIAN BUG REPORT START ===";
  private static final String END = "=== CARNELIAN BUG REPORT END ===";
  private static final int ABORTED = 128 + 6;
  private static final int SEGMENTATION_FAULT = 128 + 11;
  private static final int ALARMED = 128 + 14;

  @TempDir Path directory;

  private Path log() {
    return directory.resolve("log");
  }

  /// Starts a server, which serves when this returns.
  private Process start(String... options) throws IOException {
    List<String> more = new ArrayList<>(List.of("--logfile", log().toString()));
    more.addAll(List.of(options));
    Process process = server(more).redirectOutput(directory.resolve("out").toFile()).start();
    awaitLog("Ready to accept connections");
    return process;
  }

  private ProcessBuilder server(List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "carnelian.server.Main",
                "server",
                "--port",
                "0",
                "--unixsocket",
                directory.resolve("s").toString(),
                "--dir",
                directory.toString(),
                "--enable-debug-command",
                "yes"));
    command.addAll(options);
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  private void awaitLog(String text) throws IOException {
    while (!Files.exists(log()) || !Files.readString(log()).contains(text)) {
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  /// Waits until a thread of the process is in this method. What a command has logged does not
  /// tell: its time is recorded after that, for which classes are loaded that have to be found
  /// first.
  private void awaitStack(Process process, String method) throws IOException, InterruptedException {
    Path stacks = directory.resolve("stacks");
    ProcessBuilder jcmd =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/jcmd",
                Long.toString(process.pid()),
                "Thread.print")
            .redirectErrorStream(true)
            .redirectOutput(stacks.toFile());
    do {
      assertThat(jcmd.start().waitFor()).isZero();
    } while (!Files.readString(stacks).contains(method));
  }

  /// Sends a command; its reply is not waited for.
  private SocketChannel send(String command) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(directory.resolve("s")));
    channel.write(ByteBuffer.wrap((command + "\r\n").getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private static void abort(Process process) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-ABRT", pid).start().waitFor()).isZero();
  }

  private static int exit(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void sigabrt_whileTheEngineHangs_showsWhereItHangs_andEndsTheProcess() throws Exception {
    Process process = start();
    try (SocketChannel _ = send("DEBUG SLEEP 600")) {
      awaitStack(process, "DebugCommand.sleep");
      abort(process);
      assertThat(exit(process)).isEqualTo(ABORTED);
    } finally {
      process.destroyForcibly();
    }
    String report = Files.readString(log());
    assertThat(report)
        .containsSubsequence(
            START,
            " crashed by signal: 6\n",
            "Configuration: no file\n",
            "------ STACK TRACE ------\n",
            " (engine), TIMED_WAITING\n",
            "Thread.sleep",
            "carnelian.server.DebugCommand.sleep",
            "carnelian.engine.Dispatcher.execute",
            "\nmain, ",
            "The engine does not answer",
            END);
    assertThat(report).doesNotContain("------ INFO OUTPUT ------");
  }

  @Test
  void debugSegfault_diesOfTheSignal_withAReport_andSavesNothing() throws Exception {
    Process process = start("--save", "3600 1");
    try (SocketChannel _ = send("SET k v\r\nCLIENT SETNAME last\r\nDEBUG SEGFAULT")) {
      assertThat(exit(process)).isEqualTo(SEGMENTATION_FAULT);
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(log()))
        .containsSubsequence(
            START,
            " crashed by signal: 11",
            "------ STACK TRACE ------\n",
            " (engine), ",
            "------ INFO OUTPUT ------\n# Server\n",
            "db0:keys=1,",
            "------ CLIENT LIST OUTPUT ------\nid=",
            " name=last ",
            END);
    assertThat(directory.resolve("dump.rdb")).doesNotExist();
  }

  /// Nobody reads what the server logs, so that its report hangs.
  @Test
  void reportThatHangs_isEndedByAnAlarm() throws Exception {
    Process process = server(List.of()).start();
    BufferedReader read = process.inputReader();
    while (!read.readLine().contains("Ready to accept connections")) {
      assertThat(process.isAlive()).isTrue();
    }
    String more = "x".repeat(1 << 20); // Than fits in the pipe.
    String command = "*3\r\n$5\r\nDEBUG\r\n$3\r\nLOG\r\n$" + more.length() + "\r\n" + more;
    try (SocketChannel _ = send(command)) {
      awaitStack(process, "DebugCommand.log");
      abort(process);
      assertThat(exit(process)).isEqualTo(ALARMED);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void withoutCrashLog_sigabrtEndsTheProcessAtOnce() throws Exception {
    Process process = start("--crash-log-enabled", "no");
    try {
      abort(process);
      assertThat(exit(process)).isEqualTo(ABORTED);
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(log())).doesNotContain(START);
  }
}
