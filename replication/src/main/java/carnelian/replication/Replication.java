package carnelian.replication;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.ReplicaOf;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplicationGuard;
import carnelian.engine.ReplyError;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.Position;
import carnelian.persistence.snapshot.Snapshots;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The replication of one store, as the rest of the server sees it.
///
/// Everything is called on the engine's thread.
public final class Replication
    implements ReplicationGuard, Engine.Periodic, Log.ReleaseListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replication.class);

  private final Config config;
  private final Log log;
  private final Replicas replicas;
  private final Follower follower;

  public Replication(
      Engine engine, Config config, Log log, Snapshots snapshots, Surroundings surroundings) {
    this.config = config;
    this.log = log;
    replicas = new Replicas(engine, config, log, snapshots, surroundings);
    follower = new Follower(engine, config, log, snapshots, replicas, surroundings);
    snapshots.streamDatabase(follower::streamDatabase);
    engine.replicationGuard(this);
    engine.periodically(this);
  }

  @Override
  public void cron() {
    replicas.cron();
    follower.cron();
  }

  /// The data has been loaded: follows the primary that the configuration names. `database` is the
  /// one that the stream is in where the log stands; -1 if the data is no copy up to there.
  public void start(int database) {
    ReplicaOf of = config.get(Directives.REPLICAOF);
    if (of.isReplica()) {
      follower.start(of, database);
    }
  }

  /// The commands of [#commands], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "FAILOVER PSYNC REPLCONF REPLICAOF ROLE SLAVEOF SYNC WAIT";

  /// SYNC, PSYNC, REPLCONF, REPLICAOF, ROLE, WAIT, FAILOVER.
  public List<Command> commands() {
    return new ReplicationCommands(log, replicas, follower).all();
  }

  /// The disk has more of the log, which may be shown to replicas now.
  @Override
  public void released() {
    replicas.released();
  }

  // ---- What is allowed -------------------------------------------------------------------------

  @Override
  public @Nullable ReplyError writes(Client client) {
    if (follower.isReplica()) {
      return config.get(Directives.REPLICA_READ_ONLY) ? ReplyError.READ_ONLY : null;
    }
    int least = config.get(Directives.MIN_REPLICAS_TO_WRITE);
    if (least > 0 && config.get(Directives.MIN_REPLICAS_MAX_LAG) > 0 && replicas.good() < least) {
      return ReplyError.NO_REPLICAS;
    }
    return null;
  }

  @Override
  public @Nullable ReplyError stale() {
    return follower.isReplica()
            && !follower.isFollowing()
            && !config.get(Directives.REPLICA_SERVE_STALE_DATA)
        ? ReplyError.MASTER_DOWN
        : null;
  }

  // ---- Shutdown --------------------------------------------------------------------------------

  /// Whether every replica has processed everything.
  public boolean isCaughtUp() {
    for (Replica replica : replicas.all()) {
      if (replica.acknowledged < log.offset()) {
        return false;
      }
    }
    return true;
  }

  /// Says in the log which replicas are left behind when the server ends.
  public void reportLag() {
    int present = replicas.all().size();
    int behind = 0;
    for (Replica replica : replicas.all()) {
      if (replica.acknowledged < log.offset()) {
        behind++;
        LOG.info(
            "Lagging replica {} reported offset {} behind master, lag={}, state={}.",
            replica.name(),
            log.offset() - replica.acknowledged,
            Replicas.lagSeconds(replica, replicas.nowNanos()),
            replica.stateWord());
      }
    }
    if (present > 0) {
      LOG.info("{} of {} replicas are in sync when shutting down.", present - behind, present);
    }
  }

  // ---- INFO ------------------------------------------------------------------------------------

  /// Replicas that are connected.
  public int replicaCount() {
    return replicas.all().size();
  }

  /// What is kept of the stream in memory: `mem_total_replication_buffers`.
  public long heldBytes() {
    return replicas.heldBytes();
  }

  /// How much of that is kept for replicas alone, beyond the backlog's size: `mem_clients_slaves`.
  public long heldForReplicasBytes() {
    return replicas.all().isEmpty()
        ? 0
        : Math.max(0, replicas.heldBytes() - config.get(Directives.REPL_BACKLOG_SIZE));
  }

  /// `sync_full`.
  public long fullSyncs() {
    return replicas.fullSyncs();
  }

  /// `sync_partial_ok`.
  public long partialSyncs() {
    return replicas.partialSyncs();
  }

  /// `sync_partial_err`.
  public long refusedPartialSyncs() {
    return replicas.refusedPartialSyncs();
  }

  /// Bytes that primaries have sent since the start: lines, snapshots and the stream.
  public long inputBytes() {
    return follower.receivedBytes();
  }

  /// Bytes of snapshots and of the stream that replicas were given since the start.
  public long outputBytes() {
    return replicas.sentBytes();
  }

  /// `unexpected_error_replies`: commands of a primary that failed here.
  public long unexpectedErrors() {
    return follower.unexpectedErrors();
  }

  /// CONFIG RESETSTAT.
  public void resetStatistics() {
    replicas.resetStatistics();
    follower.resetStatistics();
  }

  /// The section `Replication` of INFO, field by field.
  public void report(BiConsumer<String, Object> fields) {
    ReplicaOf primary = follower.primary();
    if (primary == null) {
      fields.accept("role", "master");
    } else {
      reportLink(fields, primary);
    }
    fields.accept("connected_slaves", replicas.all().size());
    if (config.get(Directives.MIN_REPLICAS_TO_WRITE) > 0
        && config.get(Directives.MIN_REPLICAS_MAX_LAG) > 0) {
      fields.accept("min_slaves_good_slaves", replicas.good());
    }
    int index = 0;
    for (Replica replica : replicas.all()) {
      fields.accept("slave" + index++, line(replica));
    }
    fields.accept("master_failover_state", "no-failover");
    Position before = log.predecessor();
    fields.accept("master_replid", log.replicationId());
    fields.accept("master_replid2", replicas.secondId());
    fields.accept("master_repl_offset", log.offset());
    fields.accept("second_repl_offset", before == null ? -1 : before.offset() + 1);
    Backlog backlog = replicas.keptBacklog();
    fields.accept("repl_backlog_active", backlog == null ? 0 : 1);
    fields.accept("repl_backlog_size", config.get(Directives.REPL_BACKLOG_SIZE));
    fields.accept("repl_backlog_first_byte_offset", backlog == null ? 0 : backlog.start() + 1);
    fields.accept("repl_backlog_histlen", backlog == null ? 0 : backlog.end() - backlog.start());
  }

  private void reportLink(BiConsumer<String, Object> fields, ReplicaOf primary) {
    PrimaryLink link = follower.link();
    long now = replicas.nowNanos();
    boolean up = follower.isFollowing();
    boolean syncs =
        follower.state() instanceof FollowState.Receiving
            || follower.state() instanceof FollowState.Loading;
    long silence = link == null ? -1 : seconds(now - link.lastReadNanos());
    fields.accept("role", "slave");
    fields.accept("master_host", primary.host());
    fields.accept("master_port", primary.port());
    fields.accept("master_link_status", up ? "up" : "down");
    fields.accept("master_last_io_seconds_ago", up ? silence : -1);
    fields.accept("master_sync_in_progress", syncs ? 1 : 0);
    fields.accept("slave_read_repl_offset", log.offset() + follower.waitingBytes());
    fields.accept("slave_repl_offset", log.offset());
    if (syncs && link != null) {
      long total = link.snapshotBytes();
      long read = link.receivedBytes();
      fields.accept("master_sync_total_bytes", Math.max(0, total));
      fields.accept("master_sync_read_bytes", read);
      fields.accept("master_sync_left_bytes", total < 0 ? -1 : total - read);
      double percent = total <= 0 ? 0 : 100.0 * read / total;
      fields.accept("master_sync_perc", String.format(Locale.ROOT, "%.2f", percent));
      fields.accept("master_sync_last_io_seconds_ago", silence);
    }
    if (!up) {
      fields.accept("master_link_down_since_seconds", seconds(now - follower.downSinceNanos()));
    }
    fields.accept("slave_priority", config.get(Directives.REPLICA_PRIORITY));
    fields.accept("slave_read_only", config.get(Directives.REPLICA_READ_ONLY) ? 1 : 0);
    fields.accept("replica_announced", config.get(Directives.REPLICA_ANNOUNCED) ? 1 : 0);
  }

  private static long seconds(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(nanos);
  }

  private String line(Replica replica) {
    return "ip="
        + replica.address()
        + ",port="
        + replica.introduction.port
        + ",state="
        + replica.stateWord()
        + ",offset="
        + replica.acknowledged
        + ",lag="
        + Replicas.lagSeconds(replica, replicas.nowNanos());
  }

  @Override
  public void close() {
    follower.close();
    replicas.close();
  }
}
