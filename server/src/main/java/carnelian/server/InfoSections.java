package carnelian.server;

import carnelian.base.Version;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.Engine;
import carnelian.engine.Statistics;
import carnelian.engine.pubsub.PubSub;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceStatistics;
import carnelian.memory.HeapStats;
import carnelian.net.Connection;
import carnelian.net.Network;
import carnelian.persistence.snapshot.Snapshots;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/// The sections of INFO in Redis's order, under Redis's field names. Every figure is read from the
/// part that it describes; what a part does not know has no field.
final class InfoSections {
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Engine engine;
  private final Config config;
  private final Network network;
  private final PubSub pubSub;
  private final Snapshots snapshots;
  private final Gateway gateway;
  private final String runId;
  private final long startMicros;
  private long peakBytes;

  InfoSections(
      Engine engine,
      Config config,
      Network network,
      PubSub pubSub,
      Snapshots snapshots,
      Gateway gateway,
      String runId) {
    this.engine = engine;
    this.config = config;
    this.network = network;
    this.pubSub = pubSub;
    this.snapshots = snapshots;
    this.gateway = gateway;
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
        InfoSection.standard("Replication", InfoSections::replication),
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
    fields.put("redis_mode", "standalone");
    fields.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    fields.put("arch_bits", 64);
    fields.put("multiplexing_api", network.transport().transport().word());
    fields.put("java_version", Runtime.version());
    fields.put("process_id", ProcessHandle.current().pid());
    fields.put("run_id", runId);
    fields.put("tcp_port", config.get(Directives.PORT));
    fields.put("server_time_usec", nowMicros);
    fields.put("uptime_in_seconds", uptime);
    fields.put("uptime_in_days", uptime / (24 * 3600));
    fields.put("hz", engine.settings().hertz());
    fields.put("configured_hz", config.get(Directives.HZ));
    fields.put("config_file", config.file() == null ? "" : config.file());
    fields.put("io_threads_active", network.options().ioThreads() > 1 ? 1 : 0);
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
    fields.put("connected_clients", engine.clients().size());
    fields.put("cluster_connections", 0);
    fields.put("maxclients", config.get(Directives.MAXCLIENTS));
    fields.put("client_recent_max_input_buffer", largestInput);
    fields.put("client_recent_max_output_buffer", largestOutput);
    fields.put("blocked_clients", engine.blockedClients());
    fields.put("pubsub_clients", pubSub.clientCount());
    fields.put("watching_clients", engine.watchingClients());
    fields.put("total_watched_keys", engine.watchedKeys());
    fields.put("total_blocking_keys", engine.blockingKeys());
  }

  private void memory(InfoSection.Fields fields) {
    Keyspace keyspace = engine.keyspace();
    HeapStats heap = keyspace.heap().stats();
    long used = heap.usedBytes();
    peakBytes = Math.max(peakBytes, used);
    long resident = ResidentMemory.bytes();
    fields.put("used_memory", used);
    fields.put("used_memory_human", human(used));
    fields.put("used_memory_rss", resident);
    fields.put("used_memory_rss_human", human(resident));
    fields.put("used_memory_peak", peakBytes);
    fields.put("used_memory_peak_human", human(peakBytes));
    fields.put("used_memory_overhead", overhead(keyspace));
    fields.put("used_memory_dataset", used - overhead(keyspace));
    fields.put("used_memory_java_heap", javaHeapBytes());
    fields.put("maxmemory", config.get(Directives.MAXMEMORY));
    fields.put("maxmemory_human", human(config.get(Directives.MAXMEMORY)));
    fields.put("maxmemory_policy", config.text(Directives.MAXMEMORY_POLICY));
    fields.put("allocator_allocated", used);
    fields.put("allocator_active", heap.activeBytes());
    fields.put("allocator_resident", heap.committedBytes());
    fields.put("allocator_frag_ratio", decimal(heap.fragmentation()));
    fields.put("allocator_frag_bytes", heap.activeBytes() - used);
    fields.put("mem_fragmentation_ratio", decimal(used == 0 ? 1 : resident / (double) used));
    fields.put("mem_fragmentation_bytes", resident - used);
    fields.put("mem_allocator", "arena");
    fields.put("lazyfree_pending_objects", keyspace.lazyFreePending());
    fields.put("lazyfreed_objects", keyspace.statistics().lazyfreed());
  }

  private static long overhead(Keyspace keyspace) {
    long bytes = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      bytes += keyspace.database(i).overheadBytes();
    }
    return bytes;
  }

  private static long javaHeapBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void persistence(InfoSection.Fields fields) {
    fields.put("loading", engine.serving() == carnelian.engine.ServingState.LOADING ? 1 : 0);
    fields.put("current_cow_size", snapshots.currentPreservedBytes());
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
    fields.put("rdb_last_load_keys_expired", snapshots.lastKeysExpired());
    fields.put("rdb_last_load_keys_loaded", snapshots.lastKeysLoaded());
    fields.put("aof_enabled", 0);
  }

  private void stats(InfoSection.Fields fields) {
    Statistics statistics = engine.statistics();
    KeyspaceStatistics keys = engine.keyspace().statistics();
    fields.put("total_connections_received", statistics.connectionsReceived());
    fields.put("total_commands_processed", statistics.commandsProcessed());
    fields.put("instantaneous_ops_per_sec", statistics.operationsPerSecond());
    fields.put("total_net_input_bytes", network.inputBytes());
    fields.put("total_net_output_bytes", network.outputBytes());
    fields.put("rejected_connections", gateway.refusedConnections());
    fields.put("expired_keys", keys.expired());
    fields.put("expired_time_cap_reached_count", keys.expiryStepsCutShort());
    fields.put("expire_lag_last_ms", keys.lagLastMillis());
    fields.put("expire_lag_max_ms", keys.lagMaxMillis());
    fields.put("expire_lag_avg_ms", decimal(keys.lagAverageMillis()));
    fields.put("evicted_keys", keys.evicted());
    fields.put("total_eviction_exceeded_time", engine.keyspace().evictor().totalExceededMillis());
    fields.put(
        "current_eviction_exceeded_time", engine.keyspace().evictor().currentExceededMillis());
    fields.put("keyspace_hits", keys.hits());
    fields.put("keyspace_misses", keys.misses());
    fields.put("pubsub_channels", pubSub.channelCount());
    fields.put("pubsub_patterns", pubSub.patternCount());
    fields.put("pubsubshard_channels", pubSub.shardChannelCount());
    fields.put("total_forks", 0);
    fields.put("snapshot_cuts", snapshots.cuts());
    fields.put("latest_fork_usec", snapshots.lastCutMicros());
    fields.put("total_error_replies", statistics.errorReplies());
  }

  private static void replication(InfoSection.Fields fields) {
    fields.put("role", "master");
    fields.put("connected_slaves", 0);
    fields.put("master_failover_state", "no-failover");
  }

  private static void cpu(InfoSection.Fields fields) {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      fields.put("used_cpu_total", decimal(system.getProcessCpuTime() / NANOS_PER_SECOND));
    }
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
    for (CommandEntry entry : commands.entries()) {
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
                + database.averageTtlMillis());
      }
    }
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /// As Redis shows sizes: two decimals and a unit of 1024.
  static String human(long bytes) {
    String units = "BKMGTP";
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length() - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + "B"
        : String.format(Locale.ROOT, "%.2f%c", value, units.charAt(unit));
  }
}
