package carnelian.server;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.engine.diagnosis.BytesText;
import carnelian.engine.diagnosis.Census;
import carnelian.engine.diagnosis.Tally;
import carnelian.keyspace.Type;
import carnelian.persistence.log.Log;
import carnelian.scripting.Scripting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// MEMORY DOCTOR: what takes memory, why, and the command that mends it. On the engine's loop.
final class MemoryDoctor {
  /// With less there is nothing to say.
  private static final long LEAST_BYTES = 5 << 20;

  private static final int PREFIXES = 3;
  private static final double LARGE_PREFIX = 0.2;
  private static final int BIG_KEYS = 3;
  private static final double LARGE_KEY = 0.1;
  private static final long LARGE_KEY_BYTES = 64L << 20;
  private static final double HIGH_PEAK = 1.5;
  private static final double HIGH_FRAGMENTATION = 1.4;
  private static final long WORTH_BYTES = 10 << 20;
  private static final double HIGH_RETAINED = 1.1;
  private static final double HIGH_PROCESS = 1.4;
  private static final long HIGH_PROCESS_BYTES = 512L << 20;
  private static final double HIGH_CLIENTS = 0.1;
  private static final long HIGH_CLIENT_BYTES = 1 << 20;
  private static final long HIGH_LOG_BYTES = 8 << 20;
  private static final double NEARLY_FULL = 0.9;
  private static final long MANY_SCRIPTS = 500;

  private final MemoryWatch watch;
  private final Engine engine;
  private final Config config;
  private final Census census;
  private final Log log;
  private final Scripting scripting;

  MemoryDoctor(
      MemoryWatch watch,
      Engine engine,
      Config config,
      Census census,
      Log log,
      Scripting scripting) {
    this.watch = watch;
    this.engine = engine;
    this.config = config;
    this.census = census;
    this.log = log;
    this.scripting = scripting;
  }

  /// Something that stands out, and what can be done.
  private record Finding(String what, String mend) {}

  String diagnosis() {
    MemoryReport report = watch.report();
    if (report.usedBytes() < LEAST_BYTES) {
      return "Less than 5 MB are in use: there is nothing to examine yet.\n";
    }
    List<Finding> findings = new ArrayList<>();
    Tally tally = census.tally();
    limit(findings, report);
    prefixes(findings, tally);
    bigKeys(findings, tally);
    clients(findings, report);
    buffers(findings);
    allocator(findings, report);
    StringBuilder text = new StringBuilder();
    text.append(size(report.usedBytes())).append(" are in use, ").append(size(tally.bytes()));
    text.append(" of them by the ").append(grouped(tally.keys())).append(" keys counted ");
    text.append(
        tally.isComplete()
            ? age(tally.endMillis()) + ".\n"
            : text("so far (%.0f %% of all; ask again for the rest).\n", tally.percent()));
    if (findings.isEmpty()) {
      return text.append("Nothing stands out: memory is spread over many keys.\n").toString();
    }
    int number = 1;
    for (Finding finding : findings) {
      text.append('\n').append(number++).append(". ").append(finding.what).append('\n');
      text.append("   ").append(finding.mend).append('\n');
    }
    return text.toString();
  }

  private String age(long millis) {
    long seconds = Math.max(0, (engine.clock().wallMillis() - millis) / 1000);
    return seconds == 0 ? "now" : grouped(seconds) + " s ago";
  }

  // ---- Data ------------------------------------------------------------------------------------

  private void limit(List<Finding> findings, MemoryReport report) {
    long limit = config.get(Directives.MAXMEMORY);
    if (limit == 0 || report.usedBytes() < NEARLY_FULL * limit) {
      return;
    }
    String policy = config.text(Directives.MAXMEMORY_POLICY);
    String full =
        text("maxmemory (%s) is used to %.0f %%", size(limit), 100.0 * report.usedBytes() / limit);
    long expiring = 0;
    for (int i = 0; i < engine.keyspace().databases(); i++) {
      expiring += engine.keyspace().database(i).volatileKeys();
    }
    String more = text("CONFIG SET maxmemory %d gives room for as much again", 2 * limit);
    if (policy.equals("noeviction")) {
      findings.add(
          new Finding(
              full + ", and no key may go: soon writes are refused.",
              more + "; CONFIG SET maxmemory-policy allkeys-lru lets unused keys go."));
    } else if (policy.startsWith("volatile-") && expiring == 0) {
      findings.add(
          new Finding(
              full + ", and only keys with a deadline may go, of which there are none.",
              more + "; CONFIG SET maxmemory-policy allkeys-lru, or EXPIRE for what may go."));
    } else {
      findings.add(
          new Finding(
              full + "; keys are evicted to make room (evicted_keys of INFO stats).",
              more + ", if keys that go are missed (keyspace_misses)."));
    }
  }

  private void prefixes(List<Finding> findings, Tally tally) {
    for (Tally.PrefixUse use : tally.prefixes(PREFIXES)) {
      double share = use.bytes() / (double) Math.max(1, tally.bytes());
      if (share >= LARGE_PREFIX && use.keys() > 1) {
        findings.add(new Finding(prefix(tally, use, share), mend(use)));
      }
    }
  }

  private static String prefix(Tally tally, Tally.PrefixUse use, double share) {
    String which =
        use.prefix().length == 0
            ? "Keys without a common beginning"
            : "Keys beginning with \"" + BytesText.escaped(use.prefix()) + "\"";
    String expiry =
        use.withoutDeadline() == 0
            ? "all with a deadline"
            : use.withoutDeadline() == use.keys()
                ? "none with a deadline"
                : grouped(use.withoutDeadline()) + " of them without a deadline";
    return text(
        "%s in database %d take %.0f %% (%s of %s): %s keys of %s on average, %s.",
        which,
        use.database(),
        100 * share,
        size(use.bytes()),
        size(tally.bytes()),
        grouped(use.keys()),
        size(use.bytes() / use.keys()),
        expiry);
  }

  private static String mend(Tally.PrefixUse use) {
    if (use.prefix().length == 0 || !BytesText.isPlain(use.prefix())) {
      return "SCAN lists them; EXPIRE gives what is no longer needed a deadline, UNLINK deletes"
          + " it.";
    }
    String cli = "redis-cli -n " + use.database();
    String list =
        cli + " --scan --pattern '" + new String(use.prefix(), StandardCharsets.US_ASCII) + "*'";
    if (2 * use.withoutDeadline() >= use.keys()) {
      return "Nothing removes most of them. Write them with a deadline (SET key value EX seconds,"
          + " EXPIRE key seconds); for those that are there:\n     "
          + list
          + " | while read -r k; do echo \"EXPIRE $k 86400 NX\"; done | "
          + cli
          + "\n   or, if they are not needed: "
          + list
          + " | xargs "
          + cli
          + " UNLINK";
    }
    return "They expire by themselves: shorter deadlines or smaller values lower their share. "
        + list
        + " lists them.";
  }

  private static void bigKeys(List<Finding> findings, Tally tally) {
    for (Tally.BigKey key : tally.biggest(BIG_KEYS)) {
      double share = key.bytes() / (double) Math.max(1, tally.bytes());
      if (share >= LARGE_KEY || key.bytes() >= LARGE_KEY_BYTES) {
        String what =
            text(
                "The %s \"%s\" in database %d alone takes %.0f %% (%s): %s %s.",
                key.type().word(),
                BytesText.escaped(key.key()),
                key.database(),
                100 * share,
                size(key.bytes()),
                grouped(key.elements()),
                unit(key.type()));
        findings.add(new Finding(what, mend(key.type())));
      }
    }
  }

  private static String unit(Type type) {
    if (type == Type.STRING) {
      return "bytes";
    }
    return "elements";
  }

  private static String mend(Type type) {
    String how =
        switch (type) {
          case STRING -> "Split it, compress it, or keep it elsewhere.";
          case LIST -> "LTRIM key -1000 -1 keeps its last thousand elements.";
          case SET -> "Spread it over several keys, SSCAN walks it and SREM removes members.";
          case ZSET -> "ZREMRANGEBYRANK key 0 -1001 keeps its thousand highest scores.";
          case HASH -> "Spread it over several keys, or let fields expire: HEXPIRE.";
          case STREAM ->
              "XTRIM key MAXLEN ~ 1000 keeps its last thousand entries; XADD takes it too.";
        };
    return how + " UNLINK deletes it without a stall; BIGKEYS lists more.";
  }

  // ---- Beside the data -------------------------------------------------------------------------

  private void clients(List<Finding> findings, MemoryReport report) {
    long bytes = report.clientBytes();
    if (bytes < HIGH_CLIENT_BYTES || bytes < HIGH_CLIENTS * report.usedBytes()) {
      return;
    }
    Client largest = null;
    for (Client client : engine.clients().all()) {
      if (largest == null || ClientMemory.bytes(client) > ClientMemory.bytes(largest)) {
        largest = client;
      }
    }
    findings.add(
        new Finding(
            text(
                "Clients hold %s: replies that they do not take, or requests and transactions not"
                    + " yet executed.%s",
                size(bytes), worst(largest)),
            "CLIENT LIST shows them (omem, qbuf, multi-mem), CLIENT KILL ID id closes one; CONFIG"
                + " SET client-output-buffer-limit \"normal 32mb 8mb 60\" and maxmemory-clients 5%"
                + " bound them all."));
  }

  private static String worst(@Nullable Client client) {
    return client == null
        ? ""
        : text(
            " Most has client id %d from %s: %s.",
            client.id(), client.outlet().peer(), size(ClientMemory.bytes(client)));
  }

  private void buffers(List<Finding> findings) {
    if (log.figures().bufferedBytes() > HIGH_LOG_BYTES) {
      findings.add(
          new Finding(
              size(log.figures().bufferedBytes()) + " of writes wait for the disk of the log.",
              "LATENCY HISTORY aof-fsync-everysec shows how slow it is; CONFIG SET"
                  + " no-appendfsync-on-rewrite yes eases it while a rewrite runs."));
    }
    if (scripting.cachedScripts() > MANY_SCRIPTS) {
      findings.add(
          new Finding(
              grouped(scripting.cachedScripts())
                  + " scripts are cached: texts are made with values in them.",
              "SCRIPT FLUSH ASYNC forgets them; pass values as KEYS and ARGV, so that one text"
                  + " serves for all."));
    }
    long pending = engine.keyspace().lazyFreePending();
    if (pending > 0) {
      findings.add(
          new Finding(
              grouped(pending) + " deleted values still wait to be freed.",
              "Nothing is to be done: it takes a moment (lazyfree_pending_objects)."));
    }
  }

  private static void allocator(List<Finding> findings, MemoryReport report) {
    if (report.heap().shadowBytes() > WORTH_BYTES) {
      findings.add(
          new Finding(
              size(report.heap().shadowBytes())
                  + " of old pages are kept for a save or rewrite that runs, because their data has"
                  + " changed since it began.",
              "They go when it ends (rdb_bgsave_in_progress, aof_rewrite_in_progress); save when"
                  + " less is written: CONFIG SET save \"\" and BGSAVE at night."));
    }
    if (report.peakBytes() > HIGH_PEAK * report.usedBytes()) {
      findings.add(
          new Finding(
              text(
                  "At its peak the store used %.1f times as much (%s).",
                  report.peakBytes() / (double) report.usedBytes(), size(report.peakBytes())),
              "MEMORY PURGE gives what is kept free back to the operating system; the peak shows"
                  + " what maxmemory has to allow for."));
    }
    long fragments = report.heap().activeBytes() - report.heap().usedBytes();
    if (report.heap().fragmentation() > HIGH_FRAGMENTATION && fragments > WORTH_BYTES) {
      findings.add(
          new Finding(
              text(
                  "Fragmentation: slabs take %.2f times what is used of them (%s lie idle), because"
                      + " many keys of some sizes were deleted.",
                  report.heap().fragmentation(), size(fragments)),
              "New keys of those sizes fill them (MEMORY MALLOC-STATS shows which sizes); DEBUG"
                  + " RELOAD or a restart packs the data anew."));
    }
    long retained = report.allocatorRssBytes() - report.heap().shadowBytes();
    if (report.allocatorRssRatio() > HIGH_RETAINED && retained > WORTH_BYTES) {
      findings.add(
          new Finding(
              size(retained) + " are free, and kept for what comes next.",
              "MEMORY PURGE gives them back to the operating system."));
    }
    if (report.rssOverheadRatio() > HIGH_PROCESS
        && report.rssOverheadBytes() > HIGH_PROCESS_BYTES) {
      findings.add(
          new Finding(
              size(report.rssOverheadBytes())
                  + " of the process are not data: the JVM, connections, scripts.",
              "See used_memory_java_heap and used_memory_vm_total of INFO memory;"
                  + " CARNELIAN_JAVA_FLAGS=-Xmx256m bounds the JVM's heap."));
    }
  }

  // ---- Text ------------------------------------------------------------------------------------

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String grouped(long number) {
    return text("%,d", number);
  }

  private static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + " bytes";
    }
    double kilobytes = bytes / 1e3;
    double megabytes = kilobytes / 1e3;
    if (megabytes < 1) {
      return text("%.1f KB", kilobytes);
    }
    return megabytes < 1000 ? text("%.1f MB", megabytes) : text("%.2f GB", megabytes / 1e3);
  }
}
