package carnelian.embedded;

import carnelian.base.Clock;
import carnelian.base.ManualClock;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.ConfigException;
import carnelian.base.config.ConfigFile;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import carnelian.persistence.log.SystemDisk;
import carnelian.server.EarlyLoading;
import carnelian.server.Instance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a store is to be like. May be used for several; one thread at a time.
public final class CarnelianBuilder {
  private static final String DEFAULTS =
      """
      bind 127.0.0.1
      port 0
      save ""
      appendonly no
      """;

  /// Some times are kept as "how long ago", with 0 for never.
  private static final long CLOCK_START_HOURS = 24;

  private final StringBuilder directives = new StringBuilder();
  private @Nullable Path file;
  private @Nullable Path directory;
  private @Nullable Path unixSocket;
  private boolean temporary;
  private boolean withoutPort;
  private boolean virtualTime;
  private @Nullable Instant start;
  private @Nullable Long seed;

  CarnelianBuilder() {}

  // ---- Directives ------------------------------------------------------------------------------

  /// Sets a directive, as `config("maxmemory", "100mb")`; the last one holds. What concerns the
  /// process, the log's file and level above all, has no effect: that is the program's business.
  public CarnelianBuilder config(String directive, String value) {
    return directive(directive + " " + quoted(value));
  }

  /// Takes a line as it stands in a configuration file, for directives of several words, as
  /// `directive("rename-command FLUSHALL \"\"")`.
  public CarnelianBuilder directive(String line) {
    directives.append(byteText(line)).append('\n');
    return this;
  }

  /// Reads a configuration file first; what is set here holds against it. Without [#port] and
  /// [#noPort], its port holds.
  public CarnelianBuilder configFile(Path path) {
    file = path;
    return this;
  }

  /// The password that clients have to give; the program's own commands need none.
  public CarnelianBuilder password(String password) {
    return config("requirepass", password);
  }

  private static String quoted(String value) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '"', '\\' -> text.append('\\').append(c);
        default -> text.append(c);
      }
    }
    return text.append('"').toString();
  }

  /// Configurations are bytes, one a letter.
  private static String byteText(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String text(String byteText) {
    return new String(byteText.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  // ---- Where -----------------------------------------------------------------------------------

  /// Listens on this TCP port; 0, which is the default, is a free one.
  public CarnelianBuilder port(int port) {
    withoutPort = false;
    return config("port", Integer.toString(port));
  }

  /// Listens on no TCP port: only the program itself, or a Unix socket's clients, can use it.
  public CarnelianBuilder noPort() {
    withoutPort = true;
    return this;
  }

  /// Listens on a Unix socket, besides the port. It is removed at the end.
  public CarnelianBuilder unixSocket(Path path) {
    unixSocket = path.toAbsolutePath();
    return config("unixsocket", unixSocket.toString());
  }

  /// Keeps snapshots and the log in this directory, which is made if it is not there, and loads
  /// what is in it. What is written there, and when, the directives say (`appendonly`, `save`): by
  /// default nothing is unless a command asks for it.
  public CarnelianBuilder directory(Path path) {
    directory = path.toAbsolutePath();
    temporary = false;
    return this;
  }

  /// As [#directory], in a new one that is removed when the store is closed.
  public CarnelianBuilder temporaryDirectory() {
    directory = null;
    temporary = true;
    return this;
  }

  // ---- Time and chance -------------------------------------------------------------------------

  /// Lets time stand still, but for [VirtualClock#advance]; it starts at the machine's.
  public CarnelianBuilder virtualClock() {
    virtualTime = true;
    start = null;
    return this;
  }

  /// As [#virtualClock()], with the time that it starts at, to the millisecond.
  public CarnelianBuilder virtualClock(Instant from) {
    virtualTime = true;
    start = from;
    return this;
  }

  /// Makes what happens by chance (SRANDMEMBER, RANDOMKEY, eviction) repeatable.
  public CarnelianBuilder randomSeed(long value) {
    seed = value;
    return this;
  }

  // ---- Start -----------------------------------------------------------------------------------

  /// Starts it, and returns when it serves. Blocks while data is loaded.
  ///
  /// @throws StartException if a directive is wrong, a port is taken, or data cannot be loaded
  public Carnelian start() {
    Path made = temporary ? TemporaryDirectory.make() : null;
    try (EarlyLoading _ = EarlyLoading.begin()) {
      return start(made);
    } catch (InvalidValueException | IOException e) {
      TemporaryDirectory.delete(made);
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      TemporaryDirectory.delete(made);
      throw e;
    }
  }

  private Carnelian start(@Nullable Path temporaryDirectory)
      throws InvalidValueException, IOException {
    Path home = temporaryDirectory != null ? temporaryDirectory : directory;
    ManualClock manual = virtualTime ? manualClock() : null;
    Clock clock = manual == null ? Clock.system() : manual;
    RandomSource random = seed == null ? RandomSource.system() : RandomSource.seeded(seed);
    Config config = configuration(home);
    Instance instance = Instance.hosted(config, clock, random);
    try {
      FaultyDisk disk = new FaultyDisk(new SystemDisk());
      if (home == null) {
        instance.keepNothing();
      } else {
        instance.disk(disk);
      }
      Faults faults = new Faults(instance.loop(), disk);
      instance.interpose(faults::between);
      if (config.get(Directives.PORT) == 0 && !withoutPort) {
        instance.listenOnFreePort();
      }
      instance.start();
      instance.awaitLoaded();
      return new Carnelian(
          instance,
          new Carnelian.Files(home, temporaryDirectory),
          host(config),
          unixSocket,
          text(config.get(Directives.REQUIREPASS)),
          faults,
          manual == null ? null : new VirtualClock(manual, instance));
    } catch (InvalidValueException | IOException | RuntimeException | Error e) {
      instance.close();
      throw e;
    }
  }

  private Config configuration(@Nullable Path home) throws IOException {
    StringBuilder last = new StringBuilder(directives);
    if (home != null) {
      Files.createDirectories(home);
      last.append("dir ").append(quoted(byteText(home.toString()))).append('\n');
    }
    if (withoutPort) {
      last.append("port 0\n");
    }
    Config config = new Config(home != null ? home : Path.of("").toAbsolutePath());
    try {
      ConfigFile.read(config, null, null, DEFAULTS);
      ConfigFile.read(config, file, null, last.toString());
    } catch (ConfigException e) {
      throw new StartException(e.report(), e);
    }
    if (home == null && config.get(Directives.APPENDONLY)) {
      throw new StartException(
          "appendonly: yes (expected: no, or a directory)", new IllegalArgumentException());
    }
    return config;
  }

  private ManualClock manualClock() {
    long millis = start == null ? Clock.system().wallMillis() : start.toEpochMilli();
    ManualClock clock = new ManualClock(millis - TimeUnit.HOURS.toMillis(CLOCK_START_HOURS));
    clock.advance(CLOCK_START_HOURS, TimeUnit.HOURS);
    return clock;
  }

  /// The first address that is listened on, or one by which it can be reached.
  private static String host(Config config) {
    List<String> addresses = config.get(Directives.BIND);
    String first = addresses.isEmpty() ? "*" : addresses.getFirst();
    String address = first.startsWith("-") ? first.substring(1) : first;
    return switch (address) {
      case "*" -> "127.0.0.1";
      case "::*" -> "::1";
      default -> address;
    };
  }
}
