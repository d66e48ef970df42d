package carnelian.server;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.keyspace.Keyspace;
import carnelian.memory.HeapStats;
import carnelian.scripting.Scripting;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/// Where memory goes at one moment, from the allocator and the kernel: for INFO, MEMORY STATS and
/// MEMORY DOCTOR, which all tell the same figures.
///
/// @param heap the allocator's account
/// @param clientBytes beside the heap: what clients hold
/// @param trackingBytes beside the heap: what is remembered of the keys that clients cache
/// @param replicationBytes beside the heap: what is kept of the stream
/// @param replicaBytes of that, what replicas have still to take beyond the backlog's size
/// @param logBufferBytes beside all that: what the log gathers writes in
/// @param residentBytes of the whole process, the JVM included
/// @param startupBytes used before there was any data
/// @param peakBytes the most that was ever used
/// @param tableBytes the databases' tables and expiry indexes
/// @param keys in all databases
record MemoryReport(
    HeapStats heap,
    long clientBytes,
    long trackingBytes,
    long replicationBytes,
    long replicaBytes,
    long logBufferBytes,
    long residentBytes,
    long startupBytes,
    long peakBytes,
    long tableBytes,
    long keys) {

  long usedBytes() {
    return heap.usedBytes() + clientBytes + trackingBytes + replicationBytes;
  }

  /// What is no keys and values.
  long overheadBytes() {
    return startupBytes + clientBytes + trackingBytes + replicationBytes + tableBytes;
  }

  long backlogBytes() {
    return replicationBytes - replicaBytes;
  }

  long datasetBytes() {
    return usedBytes() - overheadBytes();
  }

  /// Of what was added since the start, in percent.
  double datasetPercent() {
    long added = usedBytes() - startupBytes;
    return added <= 0 ? 0 : Math.clamp(100.0 * datasetBytes() / added, 0, 100);
  }

  double peakPercent() {
    return peakBytes == 0 ? 0 : 100.0 * usedBytes() / peakBytes;
  }

  long bytesPerKey() {
    return keys == 0 ? 0 : Math.max(0, usedBytes() - startupBytes) / keys;
  }

  double fragmentation() {
    return usedBytes() == 0 ? 1 : residentBytes / (double) usedBytes();
  }

  long fragmentationBytes() {
    return residentBytes - usedBytes();
  }

  double allocatorRssRatio() {
    return heap.activeBytes() == 0 ? 1 : heap.committedBytes() / (double) heap.activeBytes();
  }

  long allocatorRssBytes() {
    return heap.committedBytes() - heap.activeBytes();
  }

  /// The process beside the allocator: code, the JVM and its heap.
  double rssOverheadRatio() {
    return heap.committedBytes() == 0 ? 1 : residentBytes / (double) heap.committedBytes();
  }

  long rssOverheadBytes() {
    return residentBytes - heap.committedBytes();
  }

  // ---- INFO memory -----------------------------------------------------------------------------

  void write(InfoSection.Fields fields, Config config, Keyspace keyspace, Scripting scripting) {
    putSize(fields, "used_memory", usedBytes());
    putSize(fields, "used_memory_rss", residentBytes);
    putSize(fields, "used_memory_peak", peakBytes);
    fields.put("used_memory_peak_perc", percent(peakPercent()));
    fields.put("used_memory_overhead", overheadBytes());
    fields.put("used_memory_startup", startupBytes);
    fields.put("used_memory_dataset", datasetBytes());
    fields.put("used_memory_dataset_perc", percent(datasetPercent()));
    fields.put("used_memory_java_heap", javaHeapBytes());
    fields.put("allocator_allocated", heap.usedBytes());
    fields.put("allocator_active", heap.activeBytes());
    fields.put("allocator_resident", heap.committedBytes());
    putSize(fields, "total_system_memory", systemBytes());
    writeScripts(fields, scripting);
    putSize(fields, "maxmemory", config.get(Directives.MAXMEMORY));
    fields.put("maxmemory_policy", config.text(Directives.MAXMEMORY_POLICY));
    fields.put("allocator_frag_ratio", ratio(heap.fragmentation()));
    fields.put("allocator_frag_bytes", heap.activeBytes() - heap.usedBytes());
    fields.put("allocator_rss_ratio", ratio(allocatorRssRatio()));
    fields.put("allocator_rss_bytes", allocatorRssBytes());
    fields.put("rss_overhead_ratio", ratio(rssOverheadRatio()));
    fields.put("rss_overhead_bytes", rssOverheadBytes());
    fields.put("mem_fragmentation_ratio", ratio(fragmentation()));
    fields.put("mem_fragmentation_bytes", fragmentationBytes());
    fields.put("mem_not_counted_for_evict", replicationBytes);
    fields.put("mem_replication_backlog", backlogBytes());
    fields.put("mem_total_replication_buffers", replicationBytes);
    fields.put("mem_clients_slaves", replicaBytes);
    fields.put("mem_clients_normal", clientBytes);
    fields.put("mem_cluster_links", 0);
    fields.put("mem_aof_buffer", logBufferBytes);
    fields.put("mem_allocator", "arena");
    fields.put("active_defrag_running", 0);
    fields.put("lazyfree_pending_objects", keyspace.lazyFreePending());
    fields.put("lazyfreed_objects", keyspace.statistics().lazyfreed());
  }

  private static void writeScripts(InfoSection.Fields fields, Scripting scripting) {
    fields.put("used_memory_lua", scripting.scriptStateBytes());
    fields.put("used_memory_vm_eval", scripting.scriptStateBytes());
    fields.put("used_memory_lua_human", human(scripting.scriptStateBytes()));
    fields.put("used_memory_scripts_eval", scripting.scriptBytes());
    fields.put("number_of_cached_scripts", scripting.cachedScripts());
    fields.put("number_of_functions", scripting.functionCount());
    fields.put("number_of_libraries", scripting.libraryCount());
    fields.put("used_memory_vm_functions", scripting.functionStateBytes());
    putSize(
        fields,
        "used_memory_vm_total",
        scripting.scriptStateBytes() + scripting.functionStateBytes());
    fields.put("used_memory_functions", scripting.functionBytes());
    putSize(fields, "used_memory_scripts", scripting.scriptBytes() + scripting.functionBytes());
  }

  private static void putSize(InfoSection.Fields fields, String name, long bytes) {
    fields.put(name, bytes);
    fields.put(name + "_human", human(bytes));
  }

  private static long javaHeapBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long systemBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f%%", value);
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
