package carnelian.embedded;

import carnelian.server.Instance;
import carnelian.server.LocalClients;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A store in this process, whole: any Redis client can connect to its port, and the program itself
/// can run commands without one.
///
/// ```java
/// try (Carnelian carnelian = Carnelian.start()) {
///   carnelian.execute("SET", "k", "v");
///   try (Jedis jedis = new Jedis(carnelian.host(), carnelian.port())) {
///     jedis.get("k");
///   }
/// }
/// ```
///
/// As many as wanted live beside each other and share nothing; their data lies outside the Java
/// heap. All methods may be called by any thread, and none but [#close] changes what another
/// instance does. When it is closed no thread, no memory, no port and no file is left.
public final class Carnelian implements AutoCloseable {
  private final Instance instance;
  private final Files files;
  private final String password;
  private final Faults faults;
  private final @Nullable VirtualClock clock;
  private final Commands commands;
  private final String host;
  private final int port;
  private final @Nullable Path unixSocket;

  /// Where it keeps what, and what of that goes when it does.
  record Files(@Nullable Path directory, @Nullable Path temporary) {}

  Carnelian(
      Instance instance,
      Files files,
      String host,
      @Nullable Path unixSocket,
      String password,
      Faults faults,
      @Nullable VirtualClock clock) {
    this.instance = instance;
    this.files = files;
    this.host = host;
    this.unixSocket = unixSocket;
    this.password = password;
    this.faults = faults;
    this.clock = clock;
    commands = new Commands(instance);
    port = instance.port();
  }

  /// Starts an empty store on a free port of the loopback interface, without files and without a
  /// password. It has loaded, and serves, when this returns.
  ///
  /// @throws StartException if that is impossible
  public static Carnelian start() {
    return builder().start();
  }

  /// For a store that is to be otherwise.
  public static CarnelianBuilder builder() {
    return new CarnelianBuilder();
  }

  // ---- Where it is -----------------------------------------------------------------------------

  /// The address that clients connect to, as `127.0.0.1`.
  public String host() {
    return host;
  }

  /// The TCP port; -1 if there is none.
  public int port() {
    return port;
  }

  /// `redis://127.0.0.1:port`, with the password if there is one, as Jedis, Lettuce and Spring take
  /// it.
  ///
  /// @throws IllegalStateException if there is no port
  public String uri() {
    if (port < 0) {
      throw new IllegalStateException("the store has no port");
    }
    String escaped = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
    return "redis://" + (escaped.isEmpty() ? "" : ":" + escaped + "@") + host + ":" + port;
  }

  /// The Unix socket; null if there is none.
  public @Nullable Path unixSocket() {
    return unixSocket;
  }

  /// Where snapshots and the log are; null if nothing is kept.
  public @Nullable Path directory() {
    return files.directory();
  }

  // ---- Commands --------------------------------------------------------------------------------

  /// Runs a command through no socket, and waits for its reply. Each call is as from a new client:
  /// what depends on an earlier command (MULTI, SELECT, WATCH) needs a [#session]. No password is
  /// needed.
  ///
  /// A command that waits (BLPOP) keeps the calling thread waiting, no other; an interrupt ends it.
  ///
  /// @param words the name and the arguments: strings (sent as UTF-8), `byte[]` or numbers
  /// @throws CommandException if the reply is an error
  /// @throws IllegalArgumentException if a word is of another type
  /// @throws IllegalStateException if the store is closed, also while the command waits; or on the
  ///   engine's thread, which runs what depends on [#executeAsync]
  /// @throws java.util.concurrent.CancellationException if the thread was interrupted
  public Reply execute(Object... words) {
    return commands.await(commands.submit(clients()::execute, words));
  }

  /// As [#execute], without waiting for the reply. At most 1024 commands are under way in a store;
  /// whoever gives more waits until there is room.
  ///
  /// The future fails with [CommandException] or [IllegalStateException]. What depends on it may
  /// run on the engine's thread: it must be short, and must not wait for the store. Cancelling it
  /// ends a command that waits.
  public CompletableFuture<Reply> executeAsync(Object... words) {
    return commands.submit(clients()::execute, words).reply();
  }

  /// A client of its own, to be closed by the caller.
  ///
  /// @throws IllegalStateException if the store is closed
  public Session session() {
    return new Session(commands, clients().connect().join());
  }

  private LocalClients clients() {
    return instance.localClients();
  }

  /// Removes all keys of all databases.
  public void flushAll() {
    Reply _ = execute("FLUSHALL");
  }

  // ---- For tests -------------------------------------------------------------------------------

  /// The clock that only the program moves.
  ///
  /// @throws IllegalStateException unless [CarnelianBuilder#virtualClock()] was asked for
  public VirtualClock clock() {
    if (clock == null) {
      throw new IllegalStateException("the store goes by the machine's clock: use virtualClock()");
    }
    return clock;
  }

  /// What goes wrong when the program says so; nothing does at first.
  public Faults faults() {
    return faults;
  }

  // ---- End -------------------------------------------------------------------------------------

  /// Whether it has ended: by [#close], by the command SHUTDOWN, or by a fault.
  public boolean isClosed() {
    return instance.isClosed();
  }

  /// Puts the log on disk, saves if there are save points, closes every connection and gives
  /// everything back; a temporary directory is removed. Returns when that is done. The second time,
  /// and after SHUTDOWN, there is nothing to do.
  ///
  /// Not on the engine's thread.
  @Override
  public void close() {
    faults.endSlowness();
    instance.shutDown();
    TemporaryDirectory.delete(files.temporary());
  }
}
