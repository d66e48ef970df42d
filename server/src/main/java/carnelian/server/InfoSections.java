package carnelian.server;

import carnelian.base.Version;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.Engine;
import carnelian.engine.Statistics;
import carnelian.engine.acl.Acl;
import carnelian.engine.acl.AclLog;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.tracking.Tracking;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceStatistics;
import carnelian.net.Connection;
import carnelian.net.Network;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.LogFigures;
import carnelian.persistence.rdb.DumpPayloads;
import carnelian.persistence.snapshot.LoadProgress;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.replication.Replication;
import carnelian.scripting.Scripting;
import carnelian.server.Traffic.Counter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/// The sections of INFO in Redis's order, under Redis's field names. Every figure is read from the
/// part that it describes; what a part does not know has no field.
final class InfoSections {
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final int LRU_CLOCK_MASK = (1 << 24) - 1;

  private final Engine engine;
  private final Config config;
  private final Network network;
  private final PubSub pubSub;
  private final Acl acl;
  private final Tracking tracking;
  private final Snapshots snapshots;
  private final Gateway gateway;
  private final MemoryWatch watch;
  private final Traffic traffic;
  private final DumpPayloads payloads;
  private final MigrateCommand migrate;
  private final Durability durability;
  private final Replication replication;
  private final Shutdown shutdown;
  private final Scripting scripting;
  private final Log log;
  private final String runId;
  private final long startMicros;

  InfoSections(
      Engine engine,
      Config config,
      Network network,
      PubSub pubSub,
      Acl acl,
      Tracking tracking,
      Snapshots snapshots,
      Gateway gateway,
      MemoryWatch watch,
      Traffic traffic,
      DumpPayloads payloads,
      MigrateCommand migrate,
      Durability durability,
      Replication replication,
      Shutdown shutdown,
      Scripting scripting,
      String runId) {
    this.engine = engine;
    this.config = config;
    this.network = network;
    this.pubSub = pubSub;
    this.acl = acl;
    this.tracking = tracking;
    this.snapshots = snapshots;
    this.gateway = gateway;
    this.watch = watch;
    this.traffic = traffic;
    this.payloads = payloads;
    this.migrate = migrate;
    this.durability = durability;
    this.replication = replication;
    this.shutdown = shutdown;
    this.scripting = scripting;
    log = durability.log();
    this.runId = runId;
    this.startMicros = engine.clock().wallMicros();
  }

  List<InfoSection> all() {
    return List.of(
        InfoSection.standard("Server", this::server),
        InfoSection.standard("Clients", this::clients),
        InfoSection.standard("Memory", this::memory),
        InfoSection.standard("Persistence", this::persistence),
        InfoSection.standard("Stats", this::stats),
        InfoSection.standard("Replication", fields -> replication.report(fields::put)),
        InfoSection.standard("CPU", InfoSections::cpu),
        InfoSection.standard("Modules", _ -> {}),
        InfoSection.onDemand("Commandstats", this::commandstats),
        InfoSection.standard("Errorstats", this::errorstats),
        InfoSection.onDemand("Latencystats", this::latencystats),
        InfoSection.standard("Cluster", fields -> fields.put("cluster_enabled", 0)),
        InfoSection.standard("Keyspace", this::keyspace));
  }

  private void server(InfoSection.Fields fields) {
    long nowMicros = engine.clock().wallMicros();
    long uptime = (nowMicros - startMicros) / MICROS_PER_SECOND;
    fields.put("redis_version", Version.REDIS);
    fields.put("server_name", "carnelian");
    fields.put("carnelian_version", Version.CARNELIAN);
    fields.put("redis_git_sha1", "00000000");
    fields.put("redis_git_dirty", 0);
    fields.put("redis_build_id", "carnelian-" + Version.CARNELIAN);
    fields.put("redis_mode", "standalone");
    fields.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    fields.put("arch_bits", 64);
    fields.put("monotonic_clock", "System.nanoTime");
    fields.put("multiplexing_api", network.transport().transport().word());
    fields.put("atomicvar_api", "java-varhandle");
    fields.put("gcc_version", "0.0.0");
    fields.put("java_version", Runtime.version());
    fields.put("process_id", ProcessHandle.current().pid());
    fields.put("process_supervised", config.text(Directives.SUPERVISED));
    fields.put("run_id", runId);
    fields.put("tcp_port", config.get(Directives.PORT));
    fields.put("server_time_usec", nowMicros);
    fields.put("uptime_in_seconds", uptime);
    fields.put("uptime_in_days", uptime / (24 * 3600));
    fields.put("hz", engine.settings().hertz());
    fields.put("configured_hz", config.get(Directives.HZ));
    fields.put("lru_clock", nowMicros / MICROS_PER_SECOND & LRU_CLOCK_MASK);
    fields.put("executable", ProcessHandle.current().info().command().orElse(""));
    fields.put("config_file", config.file() == null ? "" : config.file());
    fields.put("io_threads_active", network.options().ioThreads() > 1 ? 1 : 0);
    long shutdownMillis = shutdown.millisLeft();
    if (shutdownMillis >= 0) {
      fields.put("shutdown_in_milliseconds", shutdownMillis);
    }
    for (Connection.Kind kind : List.of(Connection.Kind.TCP, Connection.Kind.TLS)) {
      int port =
          kind == Connection.Kind.TCP
              ? config.get(Directives.PORT)
              : config.get(Directives.TLS_PORT);
      if (port != 0) {
        String name = kind.name().toLowerCase(Locale.ROOT);
        fields.put("listener_" + name, "name=" + name + ",port=" + port);
      }
    }
  }

  private void clients(InfoSection.Fields fields) {
    long largestInput = 0;
    long largestOutput = 0;
    for (Client client : engine.clients().all()) {
      var usage = client.outlet().usage();
      largestInput = Math.max(largestInput, usage.queryBufferBytes());
      largestOutput = Math.max(largestOutput, usage.queuedReplyBytes());
    }
    int replicas = replication.replicaCount();
    fields.put("connected_clients", engine.clients().size() - replicas);
    fields.put("cluster_connections", 0);
    fields.put("maxclients", config.get(Directives.MAXCLIENTS));
    fields.put("client_recent_max_input_buffer", largestInput);
    fields.put("client_recent_max_output_buffer", largestOutput);
    fields.put("blocked_clients", engine.blockedClients());
    fields.put("tracking_clients", tracking.clients());
    fields.put("clients_in_timeout_table", engine.clientsWithTimeout());
    fields.put("pubsub_clients", pubSub.clientCount());
    fields.put("watching_clients", engine.watchingClients());
    fields.put("total_watched_keys", engine.watchedKeys());
    fields.put("total_blocking_keys", engine.blockingKeys());
  }

  private void memory(InfoSection.Fields fields) {
    watch.report().write(fields, config, engine.keyspace(), scripting);
  }

  private void persistence(InfoSection.Fields fields) {
    LoadProgress loading = durability.loading();
    fields.put("loading", loading == null ? 0 : 1);
    fields.put("async_loading", 0);
    fields.put("current_cow_peak", snapshots.currentPreservedBytes());
    fields.put("current_cow_size", snapshots.currentPreservedBytes());
    fields.put("current_cow_size_age", 0);
    fields.put("current_fork_perc", decimal(snapshots.currentPercent()));
    fields.put("current_save_keys_processed", snapshots.currentKeysWritten());
    fields.put("current_save_keys_total", snapshots.currentKeys());
    fields.put("rdb_changes_since_last_save", engine.dirty());
    fields.put("rdb_bgsave_in_progress", snapshots.isSavingInBackground() ? 1 : 0);
    fields.put("rdb_last_save_time", snapshots.lastSaveSeconds());
    fields.put("rdb_last_bgsave_status", snapshots.lastSaveWorked() ? "ok" : "err");
    fields.put("rdb_last_bgsave_time_sec", snapshots.lastDurationSeconds());
    fields.put("rdb_current_bgsave_time_sec", snapshots.currentDurationSeconds());
    fields.put("rdb_saves", snapshots.saves());
    fields.put("rdb_last_cow_size", snapshots.lastPreservedBytes());
    fields.put("rdb_last_load_keys_expired", snapshots.loads().lastKeysExpired());
    fields.put("rdb_last_load_keys_loaded", snapshots.loads().lastKeysLoaded());
    log(fields);
    fields.put("module_fork_in_progress", 0);
    fields.put("module_fork_last_cow_size", 0);
    if (loading != null) {
      progress(fields, loading);
    }
  }

  private void log(InfoSection.Fields fields) {
    LogFigures figures = log.figures();
    fields.put("aof_enabled", log.isOn() ? 1 : 0);
    fields.put("aof_rewrite_in_progress", figures.isRewriting() ? 1 : 0);
    fields.put("aof_rewrite_scheduled", figures.isRewriteScheduled() ? 1 : 0);
    fields.put("aof_last_rewrite_time_sec", figures.lastRewriteSeconds());
    fields.put("aof_current_rewrite_time_sec", figures.currentRewriteSeconds());
    fields.put("aof_last_bgrewrite_status", figures.lastRewriteWorked() ? "ok" : "err");
    fields.put("aof_rewrites", figures.rewriteCount());
    fields.put("aof_rewrites_consecutive_failures", figures.rewriteFailures());
    fields.put("aof_last_write_status", figures.lastWriteWorked() ? "ok" : "err");
    fields.put("aof_last_cow_size", figures.lastRewritePreservedBytes());
    if (log.isOn()) {
      fields.put("aof_current_size", figures.currentBytes());
      fields.put("aof_base_size", figures.baseBytes());
      fields.put("aof_pending_rewrite", figures.isRewriteScheduled() ? 1 : 0);
      fields.put("aof_buffer_length", figures.bufferedBytes());
      fields.put("aof_pending_bio_fsync", figures.pendingFsyncs());
      fields.put("aof_delayed_fsync", figures.delayedFsyncs());
      fields.put("aof_durable_offset", log.durableOffset());
    }
  }

  private void progress(InfoSection.Fields fields, LoadProgress loading) {
    long loaded = loading.loadedBytes();
    long elapsed = engine.clock().wallMicros() / MICROS_PER_SECOND - loading.startSeconds();
    long left = loading.totalBytes() - loaded;
    fields.put("loading_start_time", loading.startSeconds());
    fields.put("loading_total_bytes", loading.totalBytes());
    fields.put("loading_rdb_used_mem", loading.writerUsedBytes());
    fields.put("loading_loaded_bytes", loaded);
    fields.put("loading_loaded_perc", decimal(loading.percent()));
    // As Redis: one second until there is something to go by.
    fields.put("loading_eta_seconds", elapsed == 0 ? 1 : elapsed * left / (loaded + 1));
  }

  private void stats(InfoSection.Fields fields) {
    Statistics statistics = engine.statistics();
    KeyspaceStatistics keys = engine.keyspace().statistics();
    fields.put("total_connections_received", statistics.connectionsReceived());
    fields.put("total_commands_processed", statistics.commandsProcessed());
    fields.put("instantaneous_ops_per_sec", statistics.operationsPerSecond());
    traffic(fields);
    fields.put("rejected_connections", gateway.refusedConnections());
    fields.put("sync_full", replication.fullSyncs());
    fields.put("sync_partial_ok", replication.partialSyncs());
    fields.put("sync_partial_err", replication.refusedPartialSyncs());
    fields.put("expired_keys", keys.expired());
    fields.put("expired_subkeys", keys.expiredFields());
    fields.put("expired_stale_perc", decimal(engine.keyspace().expiry().overduePercent()));
    fields.put("expired_time_cap_reached_count", keys.expiryStepsCutShort());
    fields.put("expire_cycle_cpu_milliseconds", statistics.expireMillis());
    fields.put("expire_lag_last_ms", keys.lagLastMillis());
    fields.put("expire_lag_max_ms", keys.lagMaxMillis());
    fields.put("expire_lag_avg_ms", decimal(keys.lagAverageMillis()));
    fields.put("evicted_keys", keys.evicted());
    fields.put("evicted_clients", watch.evictedClients());
    fields.put("total_eviction_exceeded_time", engine.keyspace().evictor().totalExceededMillis());
    fields.put(
        "current_eviction_exceeded_time", engine.keyspace().evictor().currentExceededMillis());
    fields.put("keyspace_hits", keys.hits());
    fields.put("keyspace_misses", keys.misses());
    fields.put("pubsub_channels", pubSub.channelCount());
    fields.put("pubsub_patterns", pubSub.patternCount());
    fields.put("pubsubshard_channels", pubSub.shardChannelCount());
    fields.put("latest_fork_usec", snapshots.lastCutMicros());
    fields.put("total_forks", snapshots.cuts() + log.figures().rewriteCount());
    fields.put("snapshot_cuts", snapshots.cuts());
    fields.put("migrate_cached_sockets", migrate.cachedTargets());
    fields.put("slave_expires_tracked_keys", 0);
    unused(fields);
    fields.put("tracking_total_keys", tracking.keys());
    fields.put("tracking_total_items", tracking.items());
    fields.put("tracking_total_prefixes", tracking.prefixes());
    fields.put("unexpected_error_replies", replication.unexpectedErrors());
    fields.put("total_error_replies", statistics.errorReplies());
    fields.put("dump_payload_sanitizations", payloads.validations());
    long reads = traffic.count(Counter.READS);
    long writes = traffic.count(Counter.WRITES);
    fields.put("total_reads_processed", reads);
    fields.put("total_writes_processed", writes);
    fields.put("io_threaded_reads_processed", isThreaded() ? reads : 0);
    fields.put("io_threaded_writes_processed", isThreaded() ? writes : 0);
    fields.put("reply_buffer_shrinks", 0);
    fields.put("reply_buffer_expands", 0);
    fields.put("acl_access_denied_auth", acl.log().denied(AclLog.Reason.AUTH));
    fields.put("acl_access_denied_cmd", acl.log().denied(AclLog.Reason.COMMAND));
    fields.put("acl_access_denied_key", acl.log().denied(AclLog.Reason.KEY));
    fields.put("acl_access_denied_channel", acl.log().denied(AclLog.Reason.CHANNEL));
  }

  private boolean isThreaded() {
    return network.options().ioThreads() > 1;
  }

  private void traffic(InfoSection.Fields fields) {
    fields.put("total_net_input_bytes", traffic.count(Counter.INPUT_BYTES));
    fields.put("total_net_output_bytes", traffic.count(Counter.OUTPUT_BYTES));
    fields.put("total_net_repl_input_bytes", traffic.count(Counter.REPLICATION_INPUT_BYTES));
    fields.put("total_net_repl_output_bytes", traffic.count(Counter.REPLICATION_OUTPUT_BYTES));
    speed(fields, "instantaneous_input_kbps", Counter.INPUT_BYTES);
    speed(fields, "instantaneous_output_kbps", Counter.OUTPUT_BYTES);
    speed(fields, "instantaneous_input_repl_kbps", Counter.REPLICATION_INPUT_BYTES);
    speed(fields, "instantaneous_output_repl_kbps", Counter.REPLICATION_OUTPUT_BYTES);
  }

  private void speed(InfoSection.Fields fields, String name, Counter bytes) {
    fields.put(name, decimal(traffic.kilobytesPerSecond(bytes)));
  }

  /// Of active defragmentation, which is not there yet.
  private static void unused(InfoSection.Fields fields) {
    fields.put("active_defrag_hits", 0);
    fields.put("active_defrag_misses", 0);
    fields.put("active_defrag_key_hits", 0);
    fields.put("active_defrag_key_misses", 0);
    fields.put("total_active_defrag_time", 0);
    fields.put("current_active_defrag_time", 0);
  }

  private static void cpu(InfoSection.Fields fields) {
    ProcessorTime process = ProcessorTime.ofProcess();
    ProcessorTime engineThread = ProcessorTime.ofThisThread();
    fields.put("used_cpu_sys", process.system());
    fields.put("used_cpu_user", process.user());
    fields.put("used_cpu_sys_children", ProcessorTime.NONE.system());
    fields.put("used_cpu_user_children", ProcessorTime.NONE.user());
    fields.put("used_cpu_sys_main_thread", engineThread.system());
    fields.put("used_cpu_user_main_thread", engineThread.user());
  }

  private void commandstats(InfoSection.Fields fields) {
    eachCommand(
        engine.commands(),
        entry -> {
          if (isUsed(entry)) {
            fields.put("cmdstat_" + entry.name(), usage(entry));
          }
        });
  }

  /// Every command, and the subcommands of containers.
  private static void eachCommand(CommandTable commands, Consumer<CommandEntry> visitor) {
    for (CommandEntry entry : commands.declaredSoFar()) {
      visitor.accept(entry);
      CommandTable subcommands = entry.subcommands();
      if (subcommands != null) {
        eachCommand(subcommands, visitor);
      }
    }
  }

  private static boolean isUsed(CommandEntry entry) {
    return entry.calls() + entry.rejectedCalls() + entry.failedCalls() > 0;
  }

  private static String usage(CommandEntry entry) {
    double perCall = entry.calls() == 0 ? 0 : entry.micros() / (double) entry.calls();
    return "calls="
        + entry.calls()
        + ",usec="
        + entry.micros()
        + ",usec_per_call="
        + decimal(perCall)
        + ",rejected_calls="
        + entry.rejectedCalls()
        + ",failed_calls="
        + entry.failedCalls();
  }

  private void errorstats(InfoSection.Fields fields) {
    engine
        .statistics()
        .errors()
        .forEach((code, count) -> fields.put("errorstat_" + code, "count=" + count.value()));
  }

  private void latencystats(InfoSection.Fields fields) {
    eachCommand(
        engine.commands(),
        entry -> {
          Histogram latencies = entry.latencies();
          if (latencies != null && latencies.getTotalCount() > 0) {
            fields.put("latency_percentiles_usec_" + entry.name(), percentiles(latencies));
          }
        });
  }

  private String percentiles(Histogram latencies) {
    StringBuilder text = new StringBuilder();
    for (double percentile : config.get(Directives.LATENCY_TRACKING_INFO_PERCENTILES)) {
      text.append(text.isEmpty() ? "p" : ",p");
      String shown = Double.toString(percentile);
      text.append(shown.endsWith(".0") ? shown.substring(0, shown.length() - 2) : shown);
      double micros = latencies.getValueAtPercentile(percentile) / 1000.0;
      text.append('=').append(String.format(Locale.ROOT, "%.3f", micros));
    }
    return text.toString();
  }

  private void keyspace(InfoSection.Fields fields) {
    Keyspace keyspace = engine.keyspace();
    for (int i = 0; i < keyspace.databases(); i++) {
      Database database = keyspace.database(i);
      if (database.size() > 0) {
        fields.put(
            "db" + i,
            "keys="
                + database.size()
                + ",expires="
                + database.volatileKeys()
                + ",avg_ttl="
                + database.averageTtlMillis()
                + ",subexpiry="
                + database.volatileHashes());
      }
    }
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
