package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

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

  @TempDir Path directory;

  private Path log() {
    return directory.resolve("log");
  }

  /// Starts a server, which serves when this returns.
  private Process start(String... options) throws IOException {
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
                "--logfile",
                log().toString(),
                "--enable-debug-command",
                "yes"));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();
    awaitLog("Ready to accept connections");
    return process;
  }

  private void awaitLog(String text) throws IOException {
    while (!Files.exists(log()) || !Files.readString(log()).contains(text)) {
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
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
    try (SocketChannel _ = send("DEBUG LOG asleep\r\nDEBUG SLEEP 600")) {
      awaitLog("DEBUG LOG: asleep");
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
            " (engine), ",
            "Dispatcher", // On its way to the sleep, or in it.
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
