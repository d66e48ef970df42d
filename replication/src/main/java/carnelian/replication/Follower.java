package carnelian.replication;

import carnelian.base.config.Choices.PropagationErrorBehavior;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.ReplicaOf;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.engine.Outlet;
import carnelian.engine.OutletUsage;
import carnelian.engine.Pause;
import carnelian.engine.ServingState;
import carnelian.keyspace.ExpiryMode;
import carnelian.memory.BufferLimitException;
import carnelian.memory.NativeBuffer;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.Position;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import carnelian.resp.RequestLimits;
import carnelian.resp.RequestParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The replica's side: takes the primary's data, then executes its stream, and adds exactly the
/// bytes that it received to its own log, so that offsets agree along a whole chain.
///
/// While it follows, nothing that is executed here makes the stream; expired keys are hidden until
/// the primary deletes them; nothing is evicted.
///
/// Everything but [#countReceived], [#continues], [#receiving], [#received], [#streamed] and
/// [#ended], which a link calls on its thread, is called on the engine's thread.
final class Follower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int BATCH_COMMANDS = 256;
  private static final int MAX_COMMAND_BYTES = 1 << 30;

  private final Engine engine;
  private final Config config;
  private final Log log;
  private final Snapshots snapshots;
  private final Replicas replicas;
  private final Surroundings surroundings;

  private FollowState state = new FollowState.Primary();

  /// Whether the keyspace is a copy up to where the log stands, so that a link can go on there.
  private boolean isCopy;

  private @Nullable Client client;
  private final StreamBuffer query = new StreamBuffer(MAX_COMMAND_BYTES);
  private final NativeBuffer replies = new NativeBuffer(0);

  /// The beginning of a transaction whose end has not come.
  private final StreamBuffer held = new StreamBuffer(MAX_COMMAND_BYTES);

  private final RequestBatch batch = new RequestBatch(BATCH_COMMANDS);
  private RequestParser parser = newParser();
  private boolean ackWanted;
  private int waitingPieces;
  private int selected;
  private long downSinceNanos;
  private long nextSecondNanos;
  private final AtomicLong receivedBytes = new AtomicLong();
  private long unexpectedErrors;

  Follower(
      Engine engine,
      Config config,
      Log log,
      Snapshots snapshots,
      Replicas replicas,
      Surroundings surroundings) {
    this.engine = engine;
    this.config = config;
    this.log = log;
    this.snapshots = snapshots;
    this.replicas = replicas;
    this.surroundings = surroundings;
    downSinceNanos = nowNanos();
  }

  private static RequestParser newParser() {
    RequestParser parser = new RequestParser(new RequestLimits());
    parser.authenticated(true);
    parser.trusted(true);
    return parser;
  }

  /// Replies to the primary are written nowhere.
  private record NoOutlet(NativeBuffer buffer, StreamBuffer query, StreamBuffer held)
      implements Outlet {
    @Override
    public OutletUsage usage() {
      long bytes = query.length() + (long) held.length();
      long free = query.freeBytes() + (long) held.freeBytes();
      return new OutletUsage(bytes, free, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void flush() {}

    @Override
    public void closeAfterFlush() {}

    @Override
    public void close() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }

  private long nowNanos() {
    return engine.clock().monotonicNanos();
  }

  FollowState state() {
    return state;
  }

  /// Whose copy this is; null: nobody's.
  @Nullable ReplicaOf primary() {
    return state.of();
  }

  boolean isReplica() {
    return !(state instanceof FollowState.Primary);
  }

  boolean isFollowing() {
    return state instanceof FollowState.Following;
  }

  @Nullable PrimaryLink link() {
    return state.link();
  }

  /// Since when there is no link that works.
  long downSinceNanos() {
    return downSinceNanos;
  }

  private void enter(FollowState next) {
    boolean wasUp = isFollowing();
    state = next;
    if (wasUp && !isFollowing()) {
      downSinceNanos = nowNanos();
    }
  }

  // ---- The role --------------------------------------------------------------------------------

  /// REPLICAOF host port. Not while a command runs, or as the last thing that it does.
  void follow(ReplicaOf of) {
    if (of.equals(primary())) {
      return;
    }
    dropLink();
    if (!isReplica()) {
      selected = Math.max(0, engine.streamDatabase());
      isCopy = log.isCounted();
      log.followPrimary(this::maySplit);
      engine.expiryMode(ExpiryMode.HIDE);
      engine.evicts(!config.get(Directives.REPLICA_IGNORE_MAXMEMORY));
      unblockAll();
      LOG.info(
          "Before turning into a replica, using my own master parameters to synthesize a cached"
              + " master: I may be able to synchronize with the new master with just a partial"
              + " transfer.");
    }
    enter(new FollowState.Unconnected(of, nowNanos()));
    surroundings.replicaOf(of);
    LOG.info("Connecting to MASTER {}:{}", of.host(), of.port());
    connect();
  }

  /// At the start: the data that was loaded is a copy up to where the log stands, and the stream is
  /// in that database there; -1: nobody knows.
  void start(ReplicaOf of, int database) {
    isCopy = database >= 0;
    selected = Math.max(0, database);
    log.followPrimary(this::maySplit);
    engine.expiryMode(ExpiryMode.HIDE);
    engine.evicts(!config.get(Directives.REPLICA_IGNORE_MAXMEMORY));
    enter(new FollowState.Unconnected(of, nowNanos()));
  }

  /// REPLICAOF NO ONE.
  void followNobody() {
    if (!isReplica()) {
      return;
    }
    dropLink();
    forgetClient();
    enter(new FollowState.Primary());
    log.followPrimary(null);
    if (isCopy) {
      log.ownHistory();
    }
    engine.expiryMode(ExpiryMode.REMOVE);
    engine.evicts(true);
    engine.evictSoon();
    surroundings.replicaOf(ReplicaOf.NO_ONE);
    // They have to hear of the new ID, and go on from where they are.
    replicas.disconnectAll();
    LOG.info("MASTER MODE enabled");
  }

  /// Who waits for a key would take from a copy what the primary still has.
  private void unblockAll() {
    for (Client waiting : engine.clients().snapshot()) {
      boolean _ = engine.unblock(waiting, true);
    }
  }

  private void dropLink() {
    PrimaryLink link = link();
    if (link != null) {
      link.close();
      if (state instanceof FollowState.Loading) {
        snapshots.loads().abandon();
        isCopy = false;
      }
    }
    forgetInput();
  }

  private void forgetInput() {
    waitingPieces = 0;
    query.clear();
    held.clear();
    parser = newParser();
  }

  private void forgetClient() {
    Client known = client;
    client = null;
    if (known != null) {
      selected = known.database().index();
      engine.disconnect(known);
    }
  }

  private void connect() {
    if (!(state instanceof FollowState.Unconnected(ReplicaOf of, long _))) {
      return;
    }
    int announced = config.get(Directives.REPLICA_ANNOUNCE_PORT);
    Handshake.Policy policy =
        new Handshake.Policy(
            config.get(Directives.MASTERUSER),
            config.get(Directives.MASTERAUTH),
            announced == 0 ? config.get(Directives.PORT) : announced,
            config.get(Directives.REPLICA_ANNOUNCE_IP),
            isCopy ? log.position() : null);
    PrimaryLink.Settings settings =
        new PrimaryLink.Settings(
            of.host(),
            of.port(),
            config.get(Directives.BIND_SOURCE_ADDR),
            policy,
            surroundings.temporaryFile(),
            config.get(Directives.REPL_TIMEOUT));
    PrimaryLink link = new PrimaryLink(this, engine.clock(), settings);
    enter(new FollowState.Connecting(of, link));
    LOG.info("MASTER <-> REPLICA sync started");
    surroundings.beside(link);
  }

  // ---- What a link tells, on its thread --------------------------------------------------------

  void continues(PrimaryLink link, @Nullable String newId) {
    surroundings.onEngine(() -> goOn(link, newId));
  }

  void receiving(PrimaryLink link) {
    surroundings.onEngine(
        () -> {
          if (state instanceof FollowState.Connecting(ReplicaOf of, PrimaryLink present)
              && present == link) {
            enter(new FollowState.Receiving(of, link));
          }
        });
  }

  void received(PrimaryLink link, Path file, Position cut) {
    surroundings.onEngine(() -> load(link, file, cut));
  }

  /// The piece is the follower's to close.
  void streamed(PrimaryLink link, NativeBuffer piece) {
    surroundings.onEngine(() -> execute(link, piece));
  }

  void ended(PrimaryLink link, String reason) {
    surroundings.onEngine(() -> lost(link, reason));
  }

  // ---- The data --------------------------------------------------------------------------------

  private void goOn(PrimaryLink link, @Nullable String newId) {
    if (!(state instanceof FollowState.Connecting(ReplicaOf of, PrimaryLink present))
        || present != link) {
      return;
    }
    if (newId != null) {
      LOG.info("Master replication ID changed to {}", newId);
      log.renameHistory(newId);
      replicas.disconnectAll();
    }
    replicas.keep();
    begin(of, link);
    LOG.info("MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.");
  }

  private void begin(ReplicaOf of, PrimaryLink link) {
    if (client == null) {
      Client made = engine.connect(new NoOutlet(replies, query, held));
      made.obeyed(true);
      made.role(Client.Role.PRIMARY);
      made.select(engine.keyspace().database(selected));
      client = made;
    }
    enter(new FollowState.Following(of, link));
    acknowledge();
  }

  /// The snapshot has come.
  private void load(PrimaryLink link, Path file, Position cut) {
    if (!(state instanceof FollowState.Receiving(ReplicaOf of, PrimaryLink present))
        || present != link) {
      return;
    }
    enter(new FollowState.Loading(of, link));
    forgetClient();
    isCopy = false;
    replicas.disconnectAll();
    replicas.forgetBacklog();
    snapshots.cancel();
    boolean logged = log.isOn();
    try {
      log.disable();
    } catch (IOException e) {
      LOG.warn("The append only file of the old data: {}", e.toString());
    }
    LOG.info("MASTER <-> REPLICA sync: Flushing old data");
    engine.keyspace().flushAll();
    engine.functionLibraries().clear();
    LOG.info("MASTER <-> REPLICA sync: Loading DB in memory");
    snapshots.loads().forReplica(file, failure -> loaded(link, cut, logged, failure));
  }

  private void loaded(
      PrimaryLink link, Position cut, boolean logged, @Nullable IOException failure) {
    if (!(state instanceof FollowState.Loading(ReplicaOf of, PrimaryLink present))
        || present != link) {
      return;
    }
    if (failure != null) {
      LOG.warn("Failed trying to load the MASTER synchronization DB: {}", failure.toString());
      engine.keyspace().flushAll();
      link.close();
      return;
    }
    log.adopt(cut);
    if (logged) {
      try {
        log.enable();
      } catch (IOException e) {
        LOG.warn("The append only file cannot be begun for the new data: {}", e.toString());
      }
    }
    replicas.keep();
    isCopy = true;
    selected = snapshots.loads().streamDatabase();
    begin(of, link);
    link.snapshotLoaded();
    LOG.info("MASTER <-> REPLICA sync: Finished with success");
  }

  private void lost(PrimaryLink link, String reason) {
    ReplicaOf of = primary();
    if (link() != link || of == null) {
      return;
    }
    if (state instanceof FollowState.Loading) {
      snapshots.loads().abandon();
      engine.keyspace().flushAll();
    }
    LOG.warn("Link to MASTER {}:{} ended: {}", of.host(), of.port(), reason);
    forgetInput();
    forgetClient();
    enter(new FollowState.Unconnected(of, nowNanos() + SECOND_NANOS));
  }

  // ---- The stream ------------------------------------------------------------------------------

  private void execute(PrimaryLink link, NativeBuffer piece) {
    boolean waits = false;
    try (piece) {
      if (state instanceof FollowState.Following(ReplicaOf _, PrimaryLink present)
          && present == link) {
        query.put(piece.address(), piece.length());
        waits = engine.pause() != Pause.NONE;
        if (!waits) {
          executeComplete();
        }
      }
    } catch (ProtocolException | BufferLimitException | IllegalStateException e) {
      LOG.warn("Protocol error from the primary: {}", e.getMessage());
      isCopy = false;
      link.close();
    } finally {
      if (waits) {
        waitingPieces++; // CLIENT PAUSE holds the primary back, too.
      } else {
        link.pieceDone();
      }
    }
  }

  /// After a pause: what came meanwhile.
  private void executeWaiting() {
    PrimaryLink link = link();
    if (waitingPieces > 0 && link != null && engine.pause() == Pause.NONE) {
      int done = waitingPieces - 1;
      waitingPieces = 0;
      for (int i = 0; i < done; i++) {
        link.pieceDone();
      }
      execute(link, new NativeBuffer(0));
    }
  }

  /// Bytes of the stream that have come and were not executed.
  long waitingBytes() {
    return query.length();
  }

  /// A link has received so many bytes. On its thread.
  void countReceived(int bytes) {
    receivedBytes.addAndGet(bytes);
  }

  /// All that links have received.
  long receivedBytes() {
    return receivedBytes.get();
  }

  /// Errors that were replied to a primary.
  long unexpectedErrors() {
    return unexpectedErrors;
  }

  void resetStatistics() {
    unexpectedErrors = 0;
  }

  /// Executes every command that is whole, and adds the bytes to the log.
  private void executeComplete() throws ProtocolException {
    Client primary = client;
    if (primary == null) {
      return;
    }
    engine.expiryMode(ExpiryMode.IGNORE);
    try {
      while (true) {
        batch.clear();
        parser.parse(query.bytes(), batch);
        if (batch.isEmpty()) {
          break;
        }
        long errors = engine.statistics().errorReplies();
        int executed = engine.execute(primary, batch);
        if (executed < batch.commands()) {
          throw new IllegalStateException("a command of the primary cannot be executed");
        }
        append(primary);
        reportErrors(errors);
        replies.clear();
      }
    } finally {
      batch.clear();
      engine.expiryMode(ExpiryMode.HIDE);
    }
    parser.discard(query.bytes());
    if (ackWanted) {
      ackWanted = false;
      acknowledge();
    }
  }

  /// Adds the bytes of the batch to the log, but for a transaction that is still open: where the
  /// log stands, the data does.
  private void append(Client primary) {
    int last = batch.commands() - 1;
    int end = batch.endOffset(last);
    int open = primary.isInTransaction() ? lastMulti() : batch.commands();
    if (open >= 0 && !held.isEmpty()) {
      log.append(held.bytes().address(), held.length());
      held.clear();
    }
    int start = batch.startOffset(0);
    int whole = open < 0 ? start : open > last ? end : batch.startOffset(open);
    if (whole > start) {
      log.append(query.bytes().address() + start, whole - start);
    }
    held.put(query.bytes().address() + whole, end - whole);
  }

  /// The command of the batch that begins the transaction which is open; -1: it came earlier.
  private int lastMulti() {
    for (int i = batch.commands() - 1; i >= 0; i--) {
      if (batch.arg(i, 0).isIgnoringCase("MULTI")) {
        return i;
      }
    }
    return -1;
  }

  private void reportErrors(long before) {
    if (engine.statistics().errorReplies() != before) {
      unexpectedErrors += engine.statistics().errorReplies() - before;
      LOG.warn(
          "== CRITICAL == This replica is sending an error to its master: '{}'",
          new String(replies.toBytes(), java.nio.charset.StandardCharsets.ISO_8859_1).strip());
      if (config.get(Directives.PROPAGATION_ERROR_BEHAVIOR) != PropagationErrorBehavior.IGNORE) {
        throw new IllegalStateException("propagation-error-behavior");
      }
    }
  }

  /// Whether a segment of the log may begin here: a reader that has selected nothing is in the
  /// right database.
  private boolean maySplit() {
    return streamDatabase() == 0;
  }

  /// The database that the stream is in.
  int streamDatabase() {
    Client primary = client;
    return primary == null ? selected : primary.database().index();
  }

  /// REPLCONF GETACK, in the stream: answered when it has been added to the log.
  void wantAcknowledgement() {
    ackWanted = true;
  }

  private void acknowledge() {
    PrimaryLink link = link();
    if (link != null) {
      link.acknowledge(log.offset());
    }
  }

  // ---- Time ------------------------------------------------------------------------------------

  /// Some times a second.
  void cron() {
    long now = nowNanos();
    executeWaiting();
    if (state instanceof FollowState.Unconnected(ReplicaOf of, long retry)
        && now >= retry
        && engine.serving() == ServingState.SERVING) {
      LOG.info("Connecting to MASTER {}:{}", of.host(), of.port());
      connect();
    }
    if (now < nextSecondNanos) {
      return;
    }
    nextSecondNanos = now + SECOND_NANOS;
    query.rest();
    held.rest();
    if (state instanceof FollowState.Following) {
      acknowledge();
    } else if (state instanceof FollowState.Loading(ReplicaOf _, PrimaryLink link)) {
      link.sendNewline();
    }
  }

  @Override
  public void close() {
    PrimaryLink link = link();
    if (link != null) {
      link.close();
    }
    forgetClient();
    enter(new FollowState.Primary());
    query.close();
    replies.close();
    held.close();
    batch.close();
  }
}
