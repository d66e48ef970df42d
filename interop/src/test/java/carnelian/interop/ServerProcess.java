package carnelian.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A server that runs as a process of its own, in a directory of its own, on a free port of the
/// loopback address. Closing it kills it.
final class ServerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Path REDIS_SERVER = Path.of("/usr/bin/redis-server");

  private final String name;
  private final Process process;
  private final int port;
  private final Path log;

  private ServerProcess(String name, Process process, int port, Path log) {
    this.name = name;
    this.process = process;
    this.port = port;
    this.log = log;
  }

  static boolean redisInstalled() {
    return Files.isExecutable(REDIS_SERVER);
  }

  /// Debian's redis-server: the oracle.
  static ServerProcess redis(Path directory, String... options) {
    return start("redis", List.of(REDIS_SERVER.toString()), directory, options);
  }

  /// The server of this build: the jars that the launcher starts, or the launcher itself if
  /// `-Dcarnelian.launcher=PATH` names it.
  static ServerProcess carnelian(Path directory, String... options) {
    String launcher = System.getProperty("carnelian.launcher");
    List<String> launch =
        launcher != null
            ? List.of(launcher, "server")
            : List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                Path.of("../server/target/lib").toAbsolutePath().normalize() + "/*",
                "carnelian.server.Main",
                "server");
    return start("carnelian", launch, directory, options);
  }

  private static ServerProcess start(
      String name, List<String> launch, Path directory, String... options) {
    int port = freePort();
    List<String> command = new ArrayList<>(launch);
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", directory.toString(), "--save", "", "--appendonly", "no"));
    command.addAll(List.of(options));
    Path log = directory.resolve(name + "-" + port + ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      ServerProcess server = new ServerProcess(name, process, port, log);
      server.awaitReady();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("start " + command, e);
    }
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      if (!process.isAlive()) {
        throw new AssertionError(name + " ended at start:\n" + logText());
      }
      if (answersPing()) {
        return;
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    process.destroyForcibly();
    throw new AssertionError(name + " not ready within " + START_LIMIT + ":\n" + logText());
  }

  private boolean answersPing() {
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
      probe.setSoTimeout(1000);
      probe
          .getOutputStream()
          .write("PING\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return probe.getInputStream().read() == '+';
    } catch (IOException _) {
      return false; // Not listening yet; the caller asks again until its limit.
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  String name() {
    return name;
  }

  RespConnection connect() {
    return new RespConnection(port);
  }

  String logText() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// SIGTERM, and the exit code of an orderly end.
  int stop() {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError(name + " did not end on SIGTERM:\n" + logText());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return process.exitValue();
  }

  /// Ends the process as a power failure of its own would: it has no say in it. Once more: nothing.
  void kill() {
    close();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
