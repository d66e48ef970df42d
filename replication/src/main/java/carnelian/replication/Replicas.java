package carnelian.replication;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.OutputBufferLimits;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.CommandFeed;
import carnelian.engine.Engine;
import carnelian.engine.Pause;
import carnelian.engine.ReplyMode;
import carnelian.memory.NativeBuffer;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.Position;
import carnelian.persistence.snapshot.SnapshotRecipient.Contents;
import carnelian.persistence.snapshot.Snapshots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The replicas of this server: gives each a snapshot or the part of the stream that it lacks, and
/// then the stream.
///
/// The stream is the log's: what the engine propagates, counted once. It is taken from there into
/// the [Backlog] while there is a replica or the hope of one, and sent at the end of the loop's
/// turn. What the disk has not got yet is not sent where `appendfsync always` promises that nobody
/// sees it.
///
/// Everything is called on the engine's thread.
final class Replicas implements CommandFeed, Engine.DisconnectListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final String PING = "*1\r\n$4\r\nPING\r\n";
  private static final String GET_ACK = "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n";

  private final Engine engine;
  private final Config config;
  private final Log log;
  private final Snapshots snapshots;
  private final Surroundings surroundings;
  private final Runnable pumpTask = this::pump;
  private final List<Replica> replicas = new ArrayList<>();
  private final IdentityHashMap<Client, Replica.Introduction> introductions =
      new IdentityHashMap<>();
  private final NativeBuffer words = new NativeBuffer(64);
  private final ReplicaWaits waits;

  private @Nullable Backlog backlog;
  private @Nullable FullSync sync;
  private boolean pumpScheduled;
  private boolean ackWanted;
  private boolean retry;
  private long pingedNanos;
  private long nextSecondNanos;
  private long withoutReplicasNanos;

  private long fullSyncs;
  private long sentBytes;
  private long partialSyncs;
  private long refusedPartialSyncs;

  Replicas(Engine engine, Config config, Log log, Snapshots snapshots, Surroundings surroundings) {
    this.engine = engine;
    this.config = config;
    this.log = log;
    this.snapshots = snapshots;
    this.surroundings = surroundings;
    waits = new ReplicaWaits(this, engine, surroundings);
    nextSecondNanos = nowNanos();
    pingedNanos = nextSecondNanos;
    engine.onDisconnect(this);
  }

  ReplicaWaits waits() {
    return waits;
  }

  List<Replica> all() {
    return replicas;
  }

  long nowNanos() {
    return engine.clock().monotonicNanos();
  }

  void onEngine(Runnable task) {
    surroundings.onEngine(task);
  }

  // ---- The stream ------------------------------------------------------------------------------

  @Nullable Backlog keptBacklog() {
    return backlog;
  }

  /// Up to here the stream may be sent.
  long sendable() {
    return Math.min(log.offset(), log.releasedOffset());
  }

  /// Begins to keep the stream.
  void keep() {
    if (backlog == null) {
      log.tap(this);
      backlog = new Backlog(log.offset());
      LOG.info(
          "Replication backlog created, my new replication IDs are '{}' and '{}'",
          log.replicationId(),
          secondId());
    }
  }

  String secondId() {
    Position before = log.predecessor();
    return before == null ? "0".repeat(Position.ID_DIGITS) : before.replicationId();
  }

  @Override
  public void append(long at, int bytes) {
    Backlog kept = backlog;
    if (kept == null) {
      return;
    }
    boolean begun = kept.append(at, bytes);
    if (replicas.isEmpty()) {
      if (begun) {
        trim(); // Nobody pumps.
      }
    } else if (!pumpScheduled) {
      pumpScheduled = true;
      surroundings.onEngine(pumpTask);
    }
  }

  @Override
  public long offset() {
    return log.offset();
  }

  boolean followsPrimary() {
    return log.followsPrimary();
  }

  /// Adds a command to the stream that is nobody's: between two units.
  private void propagate(String command) {
    words.clear();
    words.putAscii(command);
    log.append(words.address(), words.length());
  }

  /// Sends what there is to be sent. At the end of the loop's turn.
  private void pump() {
    pumpScheduled = false;
    if (ackWanted) {
      ackWanted = false;
      if (engine.pause() == Pause.NONE && anyOnline() && !log.followsPrimary()) {
        propagate(GET_ACK);
      }
    }
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(i);
      if (replica.isReady()) {
        replica.client.outlet().pull();
      }
    }
    trim();
  }

  /// The disk has more of the log.
  void released() {
    if (!replicas.isEmpty()) {
      pump();
    }
  }

  private boolean anyOnline() {
    for (Replica replica : replicas) {
      if (replica.isOnline()) {
        return true;
      }
    }
    return false;
  }

  /// Has every replica say how far it is, soon.
  void wantAcknowledgements() {
    ackWanted = true;
    if (!pumpScheduled) {
      pumpScheduled = true;
      surroundings.onEngine(pumpTask);
    }
  }

  /// Forgets what nobody can ask for any more.
  private void trim() {
    Backlog kept = backlog;
    if (kept == null) {
      return;
    }
    long needed = log.offset() - config.get(Directives.REPL_BACKLOG_SIZE);
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(i);
      if (replica.sentUpTo != Replica.NOWHERE) {
        needed = Math.min(needed, replica.sentUpTo);
      }
    }
    kept.trim(needed);
  }

  // ---- Who comes -------------------------------------------------------------------------------

  Replica.Introduction introduction(Client client) {
    return introductions.computeIfAbsent(client, _ -> new Replica.Introduction());
  }

  @Nullable Replica find(Client client) {
    if (client.isReplica()) {
      for (Replica replica : replicas) {
        if (replica.client == client) {
          return replica;
        }
      }
    }
    return null;
  }

  /// PSYNC: true if the stream goes on where the replica asks for it, which it has been told then.
  boolean resume(Call call, String id, long offset) {
    Client client = call.client();
    Replica replica = new Replica(this, client, introduction(client), true, nowNanos());
    if (id.equals("?")) {
      LOG.info("Full resync requested by replica {}", replica.name());
      return false;
    }
    String refusal = refusal(replica, id, offset);
    if (refusal != null) {
      LOG.info("{}", refusal);
      refusedPartialSyncs++;
      return false;
    }
    boolean tellsId = replica.introduction.psync2;
    client.reply().simple(tellsId ? "CONTINUE " + log.replicationId() : "CONTINUE");
    replica.state = new ReplicaState.Online();
    replica.sentUpTo = offset;
    replica.acknowledged = offset;
    partialSyncs++;
    attach(replica);
    LOG.info(
        "Partial resynchronization request from {} accepted. Sending {} bytes of backlog starting"
            + " from offset {}.",
        replica.name(),
        log.offset() - offset,
        offset + 1);
    return true;
  }

  /// Null if what follows `offset` of the history can be sent, else why not.
  private @Nullable String refusal(Replica replica, String id, long offset) {
    Position before = log.predecessor();
    if (!id.equals(log.replicationId())) {
      if (before == null || !id.equals(before.replicationId())) {
        return "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for"
            + " '"
            + printable(id)
            + "', my replication IDs are '"
            + log.replicationId()
            + "' and '"
            + secondId()
            + "')";
      }
      if (offset > before.offset()) {
        return "Partial resynchronization not accepted: Requested offset for second ID was "
            + (offset + 1)
            + ", but I can reply up to "
            + (before.offset() + 1);
      }
    }
    Backlog kept = backlog;
    if (kept == null || offset < kept.start() || offset > kept.end()) {
      return "Unable to partial resync with replica "
          + replica.name()
          + " for lack of backlog (Replica request was: "
          + (offset + 1)
          + ").";
    }
    return null;
  }

  /// What somebody has sent, fit for the log.
  private static String printable(String id) {
    return Position.isId(id) ? id : id.length() + " characters that are no ID";
  }

  /// SYNC, or PSYNC that has to begin with a snapshot.
  void begin(Call call, boolean byPsync) {
    Client client = call.client();
    long now = nowNanos();
    Replica replica = new Replica(this, client, introduction(client), byPsync, now);
    fullSyncs++;
    keep();
    attach(replica);
    FullSync present = sync;
    if (present != null
        && present.way() == FullSync.Way.FILE
        && !present.isSending()
        && present.contents().equals(replica.introduction.contents)) {
      LOG.info("Waiting for end of BGSAVE for SYNC");
      surroundings.onEngine(() -> joinOrWait(replica));
      return;
    }
    if (isDelayed(replica)) {
      LOG.info("Delay next BGSAVE for diskless SYNC");
    }
    surroundings.onEngine(this::startIfDue);
  }

  private void joinOrWait(Replica replica) {
    FullSync present = sync;
    if (replicas.contains(replica)
        && replica.state instanceof ReplicaState.Waiting
        && present != null
        && present.way() == FullSync.Way.FILE
        && !present.isSending()) {
      present.join(replica);
    }
  }

  private void attach(Replica replica) {
    Client client = replica.client;
    replicas.add(replica);
    client.role(Client.Role.REPLICA);
    client.replyMode(ReplyMode.OFF); // What it sends from now on is not answered.
    client.outlet().follow(replica);
  }

  @Override
  public void disconnected(Client client) {
    waits.forget(client);
    introductions.remove(client);
    Replica replica = find(client);
    if (replica == null) {
      return;
    }
    replicas.remove(replica);
    if (replica.state instanceof ReplicaState.Receiving(FullSync receiving)) {
      receiving.leave(replica);
    }
    replica.state = new ReplicaState.Gone();
    if (replicas.isEmpty()) {
      withoutReplicasNanos = nowNanos();
    }
    LOG.info("Connection with replica {} lost.", replica.name());
  }

  /// REPLCONF ACK.
  void acknowledged(Replica replica, long offset, long durable) {
    replica.acknowledgedNanos = nowNanos();
    replica.acknowledged = Math.max(replica.acknowledged, offset);
    replica.durable = Math.max(replica.durable, durable);
    if (replica.state instanceof ReplicaState.Unconfirmed) {
      online(replica);
    }
    waits.check();
  }

  private void online(Replica replica) {
    replica.state = new ReplicaState.Online();
    replica.acknowledgedNanos = nowNanos();
    LOG.info("Synchronization with replica {} succeeded", replica.name());
    replica.client.outlet().pull();
  }

  // ---- Snapshots -------------------------------------------------------------------------------

  private boolean isDiskless(Replica replica) {
    boolean filtered = !replica.introduction.contents.equals(Contents.ALL);
    return replica.introduction.endMarks && (filtered || config.get(Directives.REPL_DISKLESS_SYNC));
  }

  /// Whether it waits for others to share its snapshot.
  private boolean isDelayed(Replica first) {
    return isDiskless(first)
        && first.introduction.contents.equals(Contents.ALL)
        && config.get(Directives.REPL_DISKLESS_SYNC_DELAY) > 0;
  }

  private List<Replica> companions(Replica first) {
    List<Replica> group = new ArrayList<>();
    for (Replica replica : replicas) {
      if (replica.state instanceof ReplicaState.Waiting
          && isDiskless(replica) == isDiskless(first)
          && replica.introduction.contents.equals(first.introduction.contents)) {
        group.add(replica);
      }
    }
    return group;
  }

  private @Nullable Replica firstWaiting() {
    for (Replica replica : replicas) {
      if (replica.state instanceof ReplicaState.Waiting) {
        return replica;
      }
    }
    return null;
  }

  /// Begins a snapshot for those who wait, if it is time for one.
  private void startIfDue() {
    Replica first = firstWaiting();
    if (first == null || !(first.state instanceof ReplicaState.Waiting(long since))) {
      return;
    }
    List<Replica> group = companions(first);
    int most = config.get(Directives.REPL_DISKLESS_SYNC_MAX_REPLICAS);
    long delay = TimeUnit.SECONDS.toNanos(config.get(Directives.REPL_DISKLESS_SYNC_DELAY));
    boolean early = nowNanos() - since < delay && !(most > 0 && group.size() >= most);
    if (sync != null || (isDelayed(first) && early)) {
      return;
    }
    FullSync.Way way = isDiskless(first) ? FullSync.Way.SOCKETS : FullSync.Way.FILE;
    FullSync made =
        new FullSync(
            this,
            first.introduction.contents,
            way,
            surroundings.newMark(),
            surroundings.temporaryFile());
    for (Replica replica : group) {
      made.join(replica);
    }
    if (snapshots.send(made)) {
      sync = made;
      retry = false;
      String target = way == FullSync.Way.SOCKETS ? "replicas sockets" : "disk";
      LOG.info("Starting BGSAVE for SYNC with target: {}", target);
    } else {
      for (Replica replica : group) {
        replica.state = new ReplicaState.Waiting(since);
      }
      if (!retry) {
        retry = true;
        LOG.info(
            "No BGSAVE in progress, but another BG operation is active. BGSAVE for replication"
                + " delayed");
      }
    }
  }

  /// The snapshot that the replica gets was cut here.
  void begins(Replica replica, Position at) {
    engine.restartFeedDatabase();
    replica.sentUpTo = at.offset();
    replica.acknowledged = at.offset();
    if (replica.asksByPsync) {
      replica.tell("+FULLRESYNC " + at.replicationId() + " " + at.offset() + "\r\n");
    }
  }

  void snapshotDone(FullSync done, @Nullable Throwable failed) {
    if (sync == done) {
      sync = null;
    }
    if (failed == null && done.way() == FullSync.Way.FILE && !done.members().isEmpty()) {
      surroundings.inBackground(() -> sendFile(done));
    } else {
      sent(done, failed);
    }
    startIfDue();
  }

  /// On a thread of its own.
  private void sendFile(FullSync done) {
    IOException failure = null;
    try {
      done.sendFile();
    } catch (IOException e) {
      failure = e;
    }
    IOException told = failure;
    surroundings.onEngine(() -> sent(done, told));
  }

  private void sent(FullSync done, @Nullable Throwable failed) {
    try {
      done.deleteFile();
    } catch (IOException e) {
      LOG.warn("A snapshot for replicas is left behind: {}", e.toString());
    }
    for (Replica replica : List.copyOf(done.members())) {
      if (failed != null) {
        LOG.warn("Closing replica {}: no snapshot for it: {}", replica.name(), failed.toString());
        engine.kill(replica.client);
      } else if (replica.introduction.snapshotOnly) {
        LOG.info(
            "RDB transfer completed, rdb only replica ({}) should be disconnected asap",
            replica.name());
        replica.state = new ReplicaState.Unconfirmed(nowNanos());
        replica.client.outlet().closeAfterFlush();
      } else if (done.way() == FullSync.Way.SOCKETS) {
        LOG.info(
            "Streamed replica with replica {} succeeded (socket). Waiting for REPLCONF ACK from"
                + " replica to enable streaming",
            replica.name());
        replica.state = new ReplicaState.Unconfirmed(nowNanos());
      } else {
        online(replica);
      }
    }
    done.members().clear();
  }

  // ---- Time ------------------------------------------------------------------------------------

  /// Looks after everybody. Some times a second.
  void cron() {
    long now = nowNanos();
    waits.check();
    if (!replicas.isEmpty()) {
      dropThoseBehind(now);
      startIfDue();
    }
    if (now < nextSecondNanos) {
      return;
    }
    nextSecondNanos = now + SECOND_NANOS;
    if (replicas.isEmpty()) {
      forgetOldBacklog(now);
      pingedNanos = now;
      return;
    }
    for (Replica replica : replicas) {
      boolean isIdle =
          replica.state instanceof ReplicaState.Waiting
              || (replica.state instanceof ReplicaState.Receiving(FullSync receiving)
                  && !receiving.isSending());
      if (isIdle) {
        replica.tell("\n"); // It is not forgotten.
      }
    }
    long period = TimeUnit.SECONDS.toNanos(config.get(Directives.REPL_PING_REPLICA_PERIOD));
    if (now - pingedNanos >= period && !log.followsPrimary()) {
      pingedNanos = now;
      propagate(PING);
    }
    trim();
  }

  private void forgetOldBacklog(long now) {
    long keepSeconds = config.get(Directives.REPL_BACKLOG_TTL);
    if (backlog != null
        && keepSeconds > 0
        && !log.followsPrimary()
        && now - withoutReplicasNanos > TimeUnit.SECONDS.toNanos(keepSeconds)) {
      forgetBacklog();
      LOG.info(
          "Replication backlog freed after {} seconds without connected replicas.", keepSeconds);
    }
  }

  /// Keeps nothing of the stream any more. There are no replicas.
  void forgetBacklog() {
    Backlog kept = backlog;
    backlog = null;
    if (kept != null) {
      kept.close();
      log.tap(null);
    }
  }

  /// Closes those that are dead or too far behind.
  private void dropThoseBehind(long now) {
    long timeoutNanos = TimeUnit.SECONDS.toNanos(config.get(Directives.REPL_TIMEOUT));
    OutputBufferLimits.Limit limit = config.get(Directives.CLIENT_OUTPUT_BUFFER_LIMIT).replica();
    for (Replica replica : List.copyOf(replicas)) {
      switch (replica.state) {
        case ReplicaState.Online _ -> {
          if (now - replica.acknowledgedNanos > timeoutNanos && replica.introduction.port != 0) {
            LOG.warn("Disconnecting timedout replica (streaming sync): {}", replica.name());
            engine.kill(replica.client);
            continue;
          }
        }
        case ReplicaState.Receiving(FullSync receiving) -> {
          if (receiving.hasFor(replica) && now - replica.progressNanos > timeoutNanos) {
            LOG.warn("Disconnecting timedout replica (full sync): {}", replica.name());
            engine.kill(replica.client);
            continue;
          }
        }
        case ReplicaState.Unconfirmed(long since) -> {
          if (now - since > Math.max(timeoutNanos, 60 * SECOND_NANOS)) {
            LOG.warn(
                "Disconnecting replica that does not confirm its snapshot: {}", replica.name());
            engine.kill(replica.client);
            continue;
          }
        }
        case ReplicaState.Waiting _, ReplicaState.Gone _ -> {}
      }
      if (isTooFarBehind(replica, limit, now)) {
        LOG.warn(
            "Client {} scheduled to be closed ASAP for overcoming of output buffer limits.",
            replica.name());
        engine.kill(replica.client);
      }
    }
  }

  private boolean isTooFarBehind(Replica replica, OutputBufferLimits.Limit limit, long now) {
    if (replica.sentUpTo == Replica.NOWHERE) {
      return false;
    }
    // What is kept anyway costs nothing more.
    long kept = config.get(Directives.REPL_BACKLOG_SIZE);
    long behind = log.offset() - replica.sentUpTo;
    if (limit.hardBytes() > 0 && behind > Math.max(limit.hardBytes(), kept)) {
      return true;
    }
    if (limit.softBytes() == 0 || behind <= Math.max(limit.softBytes(), kept)) {
      replica.overSoftLimitNanos = 0;
      return false;
    }
    if (replica.overSoftLimitNanos == 0) {
      replica.overSoftLimitNanos = now;
    }
    return now - replica.overSoftLimitNanos > TimeUnit.SECONDS.toNanos(limit.softSeconds());
  }

  // ---- What others ask -------------------------------------------------------------------------

  /// Replicas online that have been heard of lately: `min_slaves_good_slaves`.
  int good() {
    long lagSeconds = config.get(Directives.MIN_REPLICAS_MAX_LAG);
    long now = nowNanos();
    int good = 0;
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(i);
      if (replica.hasSnapshot() && lagSeconds(replica, now) <= lagSeconds) {
        good++;
      }
    }
    return good;
  }

  /// Since when nothing was heard of it.
  static long lagSeconds(Replica replica, long nowNanos) {
    return switch (replica.state) {
      case ReplicaState.Waiting _, ReplicaState.Receiving _, ReplicaState.Gone _ -> 0;
      case ReplicaState.Unconfirmed(long since) -> (nowNanos - since) / SECOND_NANOS;
      case ReplicaState.Online _ -> (nowNanos - replica.acknowledgedNanos) / SECOND_NANOS;
    };
  }

  /// Replicas that have processed the stream up to here.
  int acknowledgedUpTo(long offset) {
    int count = 0;
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(i);
      if (replica.isOnline() && replica.acknowledged >= offset) {
        count++;
      }
    }
    return count;
  }

  /// `sync_full`.
  long fullSyncs() {
    return fullSyncs;
  }

  /// `sync_partial_ok`.
  long partialSyncs() {
    return partialSyncs;
  }

  /// `sync_partial_err`.
  long refusedPartialSyncs() {
    return refusedPartialSyncs;
  }

  /// A replica was given so many bytes of a snapshot or of the stream.
  void sent(int bytes) {
    sentBytes += bytes;
  }

  /// All of them were given.
  long sentBytes() {
    return sentBytes;
  }

  void resetStatistics() {
    fullSyncs = 0;
    partialSyncs = 0;
    refusedPartialSyncs = 0;
  }

  /// What the stream holds beside the data.
  long heldBytes() {
    Backlog kept = backlog;
    return kept == null ? 0 : kept.heldBytes();
  }

  /// Closes all, for a server that is another one's copy anew.
  void disconnectAll() {
    for (Replica replica : List.copyOf(replicas)) {
      engine.kill(replica.client);
    }
  }

  @Override
  public void close() {
    FullSync running = sync;
    if (running != null) {
      running.cancel();
    }
    for (Replica replica : replicas) {
      if (replica.state instanceof ReplicaState.Receiving(FullSync receiving)) {
        receiving.cancel();
      }
    }
    forgetBacklog();
    words.close();
  }
}
