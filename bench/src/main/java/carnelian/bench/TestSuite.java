package carnelian.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Jedis;

/// What a process is like in which tests have run for a while: an ordinary suite, over and over,
/// that uses the JDK, JUnit, AssertJ and clients of Redis, and nothing of Carnelian.
final class TestSuite {
  private static final Logger LOG = LoggerFactory.getLogger(TestSuite.class);

  /// The redis-server that the clients talk to.
  private static volatile int port;

  private TestSuite() {}

  static void run(Duration duration, boolean lettuce) throws IOException {
    long end = System.nanoTime() + duration.toNanos();
    port = freePort();
    Path output = Files.createTempFile("embedded-start-", ".log");
    Process server =
        new ProcessBuilder(
                "redis-server",
                "--port",
                Integer.toString(port),
                "--save",
                "",
                "--bind",
                "127.0.0.1")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      awaitPort(server);
      do {
        suite(Jdk.class, Jedises.class);
        if (lettuce) {
          suite(Lettuces.class);
        }
      } while (System.nanoTime() < end);
    } finally {
      server.destroy();
      Files.deleteIfExists(output);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void awaitPort(Process server) {
    while (true) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException e) {
        if (!server.isAlive()) {
          throw new IllegalStateException("redis-server does not run", e);
        }
        Thread.onSpinWait();
      }
    }
  }

  private static void suite(Class<?>... tests) {
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(List.of(tests).stream().map(DiscoverySelectors::selectClass).toList())
            .build();
    LauncherFactory.create().execute(request, summary);
    if (summary.getSummary().getTestsSucceededCount() == 0
        || summary.getSummary().getTestsFailedCount() > 0) {
      summary.getSummary().getFailures().forEach(f -> f.getException().printStackTrace());
      throw new IllegalStateException("the suite failed");
    }
  }

  /// What an application and its tests use of the JDK.
  static final class Jdk {
    private static final VarHandle COUNT;

    @SuppressWarnings("UnusedVariable") // By the handle.
    private volatile int count;

    static {
      try {
        COUNT = MethodHandles.lookup().findVarHandle(Jdk.class, "count", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private sealed interface Shape {}

    private record Square(double side) implements Shape {}

    private record Circle(double radius, @Nullable String name) implements Shape {}

    private static double area(Shape shape) {
      return switch (shape) {
        case Square(double side) -> side * side;
        case Circle(double radius, _) -> Math.PI * radius * radius;
      };
    }

    @RepeatedTest(20)
    void collections_streams_andLambdas() {
      Map<Integer, List<String>> byLength =
          IntStream.range(0, 2000)
              .mapToObj(i -> "word" + i)
              .collect(Collectors.groupingBy(String::length, TreeMap::new, Collectors.toList()));
      assertThat(byLength).containsKey(5).hasSize(4);
      Function<Integer, Integer> twice = n -> n * 2;
      assertThat(byLength.keySet().stream().map(twice.andThen(n -> n + 1)).toList())
          .containsExactly(11, 13, 15, 17);
    }

    @RepeatedTest(20)
    void records_patterns_andTexts() {
      List<Shape> shapes = List.of(new Square(2), new Circle(1, "c"));
      assertThat(shapes.stream().mapToDouble(Jdk::area).sum()).isBetween(7.0, 7.2);
      assertThat(shapes.toString()).contains("Square[side=2.0]");
      assertThat(String.format("%05d %s", 42, shapes.get(0))).startsWith("00042");
      assertThat(Pattern.compile("(\\w+)@(\\w+)").matcher("a@b").matches()).isTrue();
      assertThat(COUNT.getAndAdd(this, 1)).isEqualTo(0);
    }

    @RepeatedTest(5)
    void files_threads_andFutures() throws Exception {
      Path file = Files.createTempFile("embedded-start-", ".txt");
      Files.writeString(file, "text");
      assertThat(Files.readString(file)).isEqualTo("text");
      Files.delete(file);
      try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
        assertThat(CompletableFuture.supplyAsync(() -> 1, executor).thenApply(n -> n + 1).get())
            .isEqualTo(2);
      }
      LOG.info("Logged once a while: {}", file);
    }

    @Test
    @SuppressWarnings("restricted")
    void foreignFunctions() throws Throwable {
      Linker linker = Linker.nativeLinker();
      MethodHandle length =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("strlen"),
              FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocateFrom("four");
        assertThat((long) length.invokeExact(text)).isEqualTo(4);
        assertThat(text.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'f');
      }
    }
  }

  /// Jedis, and with it sockets.
  static final class Jedises {
    @RepeatedTest(5)
    void setAndGet() {
      try (Jedis jedis = new Jedis("127.0.0.1", port)) {
        jedis.set("k", "v");
        assertThat(jedis.get("k")).isEqualTo("v");
      }
    }
  }

  /// Lettuce, and with it Netty.
  static final class Lettuces {
    @Test
    void setAndGet() {
      RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
      try (StatefulRedisConnection<String, String> connection = client.connect()) {
        connection.sync().set("k", "v");
        assertThat(connection.sync().get("k")).isEqualTo("v");
      } finally {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
      }
    }
  }
}
