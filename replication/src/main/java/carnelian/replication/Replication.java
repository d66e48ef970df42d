package carnelian.replication;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplicationGuard;
import carnelian.engine.ReplyError;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.Position;
import carnelian.persistence.snapshot.Snapshots;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The replication of one store, as the rest of the server sees it.
///
/// Everything is called on the engine's thread.
public final class Replication implements ReplicationGuard, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replication.class);

  private final Config config;
  private final Log log;
  private final Replicas replicas;

  public Replication(
      Engine engine, Config config, Log log, Snapshots snapshots, Surroundings surroundings) {
    this.config = config;
    this.log = log;
    replicas = new Replicas(engine, config, log, snapshots, surroundings);
    engine.replicationGuard(this);
    engine.periodically(replicas::cron);
  }

  /// SYNC, PSYNC, REPLCONF, REPLICAOF, ROLE, WAIT, FAILOVER.
  public List<Command> commands() {
    return new ReplicationCommands(log, replicas).all();
  }

  /// The disk has more of the log, which may be shown to replicas now.
  public void released() {
    replicas.released();
  }

  // ---- What is allowed -------------------------------------------------------------------------

  @Override
  public @Nullable ReplyError writes(Client client) {
    int least = config.get(Directives.MIN_REPLICAS_TO_WRITE);
    if (least > 0 && config.get(Directives.MIN_REPLICAS_MAX_LAG) > 0 && replicas.good() < least) {
      return ReplyError.NO_REPLICAS;
    }
    return null;
  }

  @Override
  public @Nullable ReplyError stale() {
    return null;
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

  public void resetStatistics() {
    replicas.resetStatistics();
  }

  /// The section `Replication` of INFO, field by field.
  public void report(BiConsumer<String, Object> fields) {
    fields.accept("role", "master");
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
    replicas.close();
  }
}
