package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.memory.NativeBuffer;
import carnelian.resp.Reply;
import org.jspecify.annotations.Nullable;

/// What the engine knows of a connection: who it is, which database and protocol it uses, and which
/// of the states it is in that change what its next command means.
///
/// | state | values | changed by |
/// |---|---|---|
/// | connection | open, closing after the reply, closed | QUIT, CLIENT KILL, a lost connection |
/// | [TransactionState] | none, queueing, doomed | MULTI, a refused command, EXEC, DISCARD |
/// | blockage | none, for keys, by CLIENT PAUSE | blocking commands, CLIENT PAUSE |
/// | [ReplyMode] | on, off, skip | CLIENT REPLY |
///
/// Belongs to the engine's thread.
public final class Client {
  /// Whether commands of the client are still executed.
  public enum Connection {
    OPEN,
    CLOSING_AFTER_REPLY,
    CLOSED
  }

  /// Why a client waits.
  public enum Blockage {
    NONE,
    KEYS,
    PAUSE,
    /// For something that somebody outside the engine does: [Engine#suspend].
    WORK
  }

  /// What a client is to the other servers.
  public enum Role {
    NORMAL,
    /// It reads the stream.
    REPLICA,
    /// This server's own primary, whose stream it sends.
    PRIMARY
  }

  /// What SCRIPT DEBUG has said of the client's scripts.
  public enum Debugging {
    OFF,
    SYNC,
    /// On a copy of the data that is thrown away: what a fork would give.
    FORKED
  }

  /// The name that ACL gives to who has not said otherwise.
  public static final String DEFAULT_USER = "default";

  private static final long NOT_TRACKING = -1;

  private final long id;
  private final Outlet outlet;
  private final Reply reply;
  private final long createdMillis;

  private Database database;
  private Connection connection = Connection.OPEN;
  private boolean authenticated;
  private boolean restricted;
  private boolean tracking;
  private String trackingLetters = "";
  private long trackingRedirection = NOT_TRACKING;
  private String user = DEFAULT_USER;
  private String name = "";
  private String libraryName = "";
  private String libraryVersion = "";
  private ReplyMode replyMode = ReplyMode.ON;
  private boolean noEvict;
  private boolean noTouch;
  private boolean monitor;
  private Debugging debugging = Debugging.OFF;
  private boolean obeyed;
  private Role role = Role.NORMAL;
  private int subscriptions;
  private long prefixBytes;
  private long lastInteractionMillis;
  private @Nullable CommandEntry lastCommand;
  private long commandsExecuted;

  final ClientTransaction transaction = new ClientTransaction();
  Blockage blockage = Blockage.NONE;
  @Nullable KeyWait keyWait;
  boolean flushPending;
  long wroteUpTo;

  Client(long id, Outlet outlet, Database database, long nowMillis) {
    this.id = id;
    this.outlet = outlet;
    this.database = database;
    this.createdMillis = nowMillis;
    this.lastInteractionMillis = nowMillis;
    this.reply = new Reply(outlet.buffer());
  }

  public long id() {
    return id;
  }

  public Outlet outlet() {
    return outlet;
  }

  /// Where the client's replies are written, in its protocol.
  public Reply reply() {
    return reply;
  }

  public NativeBuffer output() {
    return outlet.buffer();
  }

  public Database database() {
    return database;
  }

  public void select(Database chosen) {
    database = chosen;
  }

  /// 2 or 3.
  public int protocol() {
    return reply.protocol();
  }

  public void protocol(int version) {
    reply.protocol(version);
  }

  public boolean isAuthenticated() {
    return authenticated;
  }

  public String user() {
    return user;
  }

  /// The client has shown who it is; see [#isRestricted] for `rules`.
  public void authenticate(String userName, boolean rules) {
    user = userName;
    restricted = rules;
    authenticated = true;
  }

  /// The client is the default user again; whether it has to show a password depends on that one's
  /// rules.
  public void forgetUser(boolean needsPassword, boolean rules) {
    user = DEFAULT_USER;
    restricted = rules;
    authenticated = !needsPassword;
  }

  /// Whether there is anything that the client's user may not do: only then [Permissions] is asked.
  public boolean isRestricted() {
    return restricted;
  }

  /// The rules of the client's user have changed.
  public void restricted(boolean rules) {
    restricted = rules;
  }

  /// The name given by CLIENT SETNAME; empty if none.
  public String name() {
    return name;
  }

  public void name(String chosen) {
    name = chosen;
  }

  public String libraryName() {
    return libraryName;
  }

  public void libraryName(String chosen) {
    libraryName = chosen;
  }

  public String libraryVersion() {
    return libraryVersion;
  }

  public void libraryVersion(String chosen) {
    libraryVersion = chosen;
  }

  public ReplyMode replyMode() {
    return replyMode;
  }

  /// While replies are dropped the writer does not count what is written to it.
  public void replyMode(ReplyMode mode) {
    replyMode = mode;
    reply.suppress(mode != ReplyMode.ON);
  }

  /// A command has been executed: moves on from SKIP.
  void commandReplied() {
    switch (replyMode) {
      case ON, OFF -> {}
      case SKIP_NEXT -> replyMode(ReplyMode.SKIP_THIS);
      case SKIP_THIS -> replyMode(ReplyMode.ON);
    }
  }

  public boolean isNoEvict() {
    return noEvict;
  }

  public void noEvict(boolean on) {
    noEvict = on;
  }

  public boolean isNoTouch() {
    return noTouch;
  }

  public void noTouch(boolean on) {
    noTouch = on;
  }

  /// Whether the client sees every command, after MONITOR.
  public boolean isMonitor() {
    return monitor;
  }

  public void monitor(boolean on) {
    monitor = on;
  }

  public Debugging debugging() {
    return debugging;
  }

  public void debugging(Debugging chosen) {
    debugging = chosen;
  }

  /// Whether nothing that the client sends is refused for the server's sake: what it sends has been
  /// done already, and is only done again here. So is the log, and a primary to its replica.
  public boolean isObeyed() {
    return obeyed;
  }

  public void obeyed(boolean always) {
    obeyed = always;
  }

  public Role role() {
    return role;
  }

  public void role(Role newRole) {
    role = newRole;
  }

  public boolean isReplica() {
    return role == Role.REPLICA;
  }

  /// Where the stream ended after the client's last write; 0 if there was none.
  public long wroteUpTo() {
    return wroteUpTo;
  }

  /// Whether the server helps the client's cache: only then [KeyTracking] hears of its commands.
  public boolean isTracking() {
    return tracking;
  }

  /// The server helps the client's cache; how CLIENT LIST shows it among the flags, and the client
  /// that is told instead of this one, or 0.
  public void tracking(String letters, long redirection) {
    tracking = true;
    trackingLetters = letters;
    trackingRedirection = redirection;
  }

  /// The server no longer helps the client's cache.
  public void notTracking() {
    tracking = false;
    trackingLetters = "";
    trackingRedirection = NOT_TRACKING;
    prefixBytes = 0;
  }

  /// The client is told of keys with one prefix more, which takes so much of the Java heap.
  public void addPrefix(long bytes) {
    prefixBytes += bytes;
  }

  /// `redir` of CLIENT LIST.
  public long trackingRedirection() {
    return trackingRedirection;
  }

  /// Channels and patterns the client listens to, as pub/sub counts them. In RESP2 a client that
  /// has any may only change its subscriptions.
  public int subscriptions() {
    return subscriptions;
  }

  public void subscriptions(int count) {
    subscriptions = count;
  }

  public long createdMillis() {
    return createdMillis;
  }

  public long lastInteractionMillis() {
    return lastInteractionMillis;
  }

  public @Nullable CommandEntry lastCommand() {
    return lastCommand;
  }

  public long commandsExecuted() {
    return commandsExecuted;
  }

  public Connection connection() {
    return connection;
  }

  public boolean isOpen() {
    return connection == Connection.OPEN;
  }

  /// No further command is executed; what has been replied is still sent.
  public void closeAfterReply() {
    if (connection == Connection.OPEN) {
      connection = Connection.CLOSING_AFTER_REPLY;
    }
  }

  public boolean isInTransaction() {
    return transaction.state() != TransactionState.NONE;
  }

  /// The number of queued commands, or -1 outside a transaction.
  public int queuedCommands() {
    return isInTransaction() ? transaction.queuedCommands() : -1;
  }

  /// `multi-mem` of CLIENT LIST: what queued commands take.
  public long transactionMemoryBytes() {
    return transaction.memoryBytes();
  }

  public int watchedKeys() {
    return transaction.watchedKeys();
  }

  /// What is kept for it on the Java heap, as [JavaHeapBudget] counts: keys that it watches, its
  /// subscriptions, prefixes of keys that it is told of.
  public long keptBytes() {
    return (long) JavaHeapBudget.OBJECT_BYTES * (watchedKeys() + subscriptions) + prefixBytes;
  }

  public Blockage blockage() {
    return blockage;
  }

  public boolean isBlocked() {
    return blockage != Blockage.NONE;
  }

  /// Flags as CLIENT LIST writes them.
  public String flags() {
    StringBuilder flags = new StringBuilder();
    switch (role) {
      case NORMAL -> {}
      case REPLICA -> flags.append('S');
      case PRIMARY -> flags.append('M');
    }
    if (monitor) {
      flags.append('O');
    }
    if (subscriptions > 0) {
      flags.append('P');
    }
    if (isInTransaction()) {
      flags.append('x');
    }
    if (isBlocked()) {
      flags.append('b');
    }
    flags.append(trackingLetters);
    if (transaction.isBroken()) {
      flags.append('d');
    }
    if (connection == Connection.CLOSING_AFTER_REPLY) {
      flags.append('c');
    }
    if (connection == Connection.CLOSED) {
      flags.append('A');
    }
    if (noEvict) {
      flags.append('e');
    }
    if (noTouch) {
      flags.append('T');
    }
    return flags.isEmpty() ? "N" : flags.toString();
  }

  void closed() {
    connection = Connection.CLOSED;
  }

  void executed(CommandEntry entry) {
    lastCommand = entry;
    commandsExecuted++;
  }

  void interacted(long nowMillis) {
    lastInteractionMillis = nowMillis;
  }

  @Override
  public String toString() {
    return "client " + id;
  }
}
