package carnelian.server;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.Engine;
import carnelian.engine.diagnosis.BytesText;
import carnelian.engine.diagnosis.HotKeys;
import carnelian.net.EventLoop;
import carnelian.net.ListenException;
import carnelian.net.PageServer;
import carnelian.net.QueueTimes;
import carnelian.server.metrics.InfoMetrics;
import carnelian.server.metrics.OpenMetrics;
import carnelian.server.metrics.OpenMetrics.Kind;
import com.sun.management.GarbageCollectorMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The page `/metrics`. A task on the engine's loop copies the figures, the page's own thread makes
/// the text. Requests that come while one is under way get the same figures.
final class MetricsPages implements PageServer.Pages, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsPages.class);
  private static final String PATH = "/metrics";
  private static final int HOT_KEYS = 10;

  /// The ends of the durations' buckets: a microsecond, and twice as much each.
  private static final int DURATION_BUCKETS = 21;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final double[] DURATION_ENDS = ends(DURATION_BUCKETS);
  private static final double[] QUEUE_ENDS = ends(QueueTimes.BUCKETS - 1);

  private final Engine engine;
  private final Config config;
  private final EventLoop loop;
  private final QueueTimes queueTimes;
  private final HotKeys hotKeys;
  private final Supplier<List<InfoSection>> info;
  private @Nullable List<InfoSection> sections;
  private @Nullable PageServer server;
  private List<String> addresses = List.of();
  private @Nullable CompletableFuture<Figures> underWay;

  /// `info` makes what is shown of INFO, when it is first asked for.
  MetricsPages(
      Engine engine,
      Config config,
      EventLoop loop,
      QueueTimes queueTimes,
      HotKeys hotKeys,
      Supplier<List<InfoSection>> info) {
    this.engine = engine;
    this.config = config;
    this.loop = loop;
    this.queueTimes = queueTimes;
    this.hotKeys = hotKeys;
    this.info = info;
  }

  private static double[] ends(int buckets) {
    double[] ends = new double[buckets];
    for (int i = 0; i < buckets; i++) {
      ends[i] = QueueTimes.bucketEndNanos(i) / NANOS_PER_SECOND;
    }
    return ends;
  }

  /// One field of INFO.
  private record Field(String section, String name, Object value) {}

  /// How long a command's calls took.
  private record Durations(String command, Histogram histogram) {}

  /// What was copied on the engine's loop.
  ///
  /// @param queued reads by how long they waited
  @SuppressWarnings("ArrayRecordComponent") // Made once and read once.
  private record Figures(
      boolean forAll,
      List<Field> fields,
      List<Durations> durations,
      long[] queued,
      long queuedNanos,
      List<HotKeys.HotKey> hottest,
      long hotKeySamples) {}

  // ---- Serving ---------------------------------------------------------------------------------

  /// Listens as `metrics-port` and `metrics-bind` say. On the engine's loop.
  void listen() throws ListenException {
    int port = config.get(Directives.METRICS_PORT);
    List<String> wanted = config.get(Directives.METRICS_BIND);
    PageServer present = server;
    if (present != null && present.port() == port && addresses.equals(wanted)) {
      return;
    }
    if (present != null && present.port() == port) {
      close(); // Two cannot listen on one port.
      present = null;
    }
    // The new one first: if it fails, the old one goes on.
    PageServer next = port == 0 ? null : new PageServer(wanted, port, "metrics", this);
    server = next;
    addresses = wanted;
    if (present != null) {
      present.close();
    }
    if (next != null) {
      LOG.info("Metrics are served on port {}", port);
    }
  }

  /// The port of the page; 0 if it is not served.
  int port() {
    PageServer present = server;
    return present == null ? 0 : present.port();
  }

  @Override
  public void close() {
    PageServer present = server;
    server = null;
    if (present != null) {
      present.close();
    }
  }

  @Override
  public CompletionStage<PageServer.Page> page(String path, boolean local) {
    if (!path.equals(PATH)) {
      return CompletableFuture.completedStage(
          PageServer.Page.text(404, "The only page is " + PATH));
    }
    return figures().thenApply(figures -> page(figures, local));
  }

  private static PageServer.Page page(Figures figures, boolean local) {
    if (!local && !figures.forAll) {
      return PageServer.Page.text(
          403, "Protected mode is on and no password is set: only local clients are served");
    }
    return new PageServer.Page(200, OpenMetrics.CONTENT_TYPE, text(figures));
  }

  /// Asks the engine. Completed on the page's thread, whose only user this is.
  private CompletableFuture<Figures> figures() {
    CompletableFuture<Figures> present = underWay;
    if (present != null && !present.isDone()) {
      return present;
    }
    CompletableFuture<Figures> asked = new CompletableFuture<>();
    underWay = asked;
    try {
      loop.execute(
          () -> {
            try {
              asked.complete(copy());
            } catch (RuntimeException bug) {
              LOG.warn("Metrics could not be read", bug);
              asked.completeExceptionally(bug);
            }
          });
    } catch (RejectedExecutionException ended) {
      asked.completeExceptionally(ended);
    }
    return asked;
  }

  // ---- On the engine's loop --------------------------------------------------------------------

  private Figures copy() {
    List<Field> fields = new ArrayList<>();
    List<InfoSection> shown = sections;
    if (shown == null) {
      shown = info.get();
      sections = shown;
    }
    for (InfoSection section : shown) {
      section.write((name, value) -> fields.add(new Field(section.name(), name, value)));
    }
    List<Durations> durations = new ArrayList<>();
    addDurations(engine.commands(), durations);
    long[] queued = new long[QueueTimes.BUCKETS];
    for (int i = 0; i < queued.length; i++) {
      queued[i] = queueTimes.count(i);
    }
    return new Figures(
        !config.get(Directives.PROTECTED_MODE) || engine.passwordRequired(),
        fields,
        durations,
        queued,
        queueTimes.sumNanos(),
        hotKeys.hottest(HOT_KEYS),
        hotKeys.samples());
  }

  private static void addDurations(CommandTable commands, List<Durations> durations) {
    for (CommandEntry entry : commands.declaredSoFar()) {
      Histogram histogram = entry.latencies();
      if (histogram != null && histogram.getTotalCount() > 0) {
        durations.add(new Durations(entry.name(), histogram.copy()));
      }
      CommandTable subcommands = entry.subcommands();
      if (subcommands != null) {
        addDurations(subcommands, durations);
      }
    }
  }

  // ---- On the page's thread --------------------------------------------------------------------

  private static byte[] text(Figures figures) {
    OpenMetrics metrics = new OpenMetrics();
    InfoMetrics info = new InfoMetrics(metrics);
    for (Field field : figures.fields) {
      info.field(field.section, field.name, field.value);
    }
    info.end();
    OpenMetrics.Family durations =
        metrics.family(
            "carnelian_command_duration_seconds",
            Kind.HISTOGRAM,
            "How long commands took to execute");
    for (Durations of : figures.durations) {
      addDurations(durations, of);
    }
    metrics
        .family(
            "carnelian_queueing_seconds",
            Kind.HISTOGRAM,
            "How long requests waited for others before their execution, at most")
        .addHistogram(QUEUE_ENDS, figures.queued, figures.queuedNanos / NANOS_PER_SECOND);
    metrics
        .family(
            "carnelian_hotkeys_sampled_commands",
            Kind.GAUGE,
            "Commands that hot keys are estimated from")
        .add(figures.hotKeySamples);
    OpenMetrics.Family hot =
        metrics.family(
            "carnelian_hotkey_calls_per_second",
            Kind.GAUGE,
            "",
            "Calls of the keys that are used most, estimated from samples");
    for (HotKeys.HotKey key : figures.hottest) {
      String database = Integer.toString(key.database());
      hot.add(key.callsPerSecond(), "db", database, "key", BytesText.escaped(key.key()));
    }
    addCollections(metrics);
    return metrics.page();
  }

  private static void addDurations(OpenMetrics.Family family, Durations of) {
    long[] counts = new long[DURATION_BUCKETS + 1];
    double sumNanos = 0;
    for (HistogramIterationValue value : of.histogram.recordedValues()) {
      long nanos = value.getValueIteratedTo();
      long count = value.getCountAddedInThisIterationStep();
      int bucket = 0;
      while (bucket < DURATION_BUCKETS && nanos > QueueTimes.bucketEndNanos(bucket)) {
        bucket++;
      }
      counts[bucket] += count;
      sumNanos += (double) count * of.histogram.medianEquivalentValue(nanos);
    }
    family.addHistogram(DURATION_ENDS, counts, sumNanos / NANOS_PER_SECOND, "cmd", of.command);
  }

  private static void addCollections(OpenMetrics metrics) {
    OpenMetrics.Family count =
        metrics.family("carnelian_java_gc_pauses", Kind.COUNTER, "Pauses of the JVM's collector");
    OpenMetrics.Family time =
        metrics.family(
            "carnelian_java_gc_pause_seconds", Kind.COUNTER, "Time that they have taken");
    for (GarbageCollectorMXBean collector : DelayWatch.collectors()) {
      count.add(Math.max(0, collector.getCollectionCount()), "gc", collector.getName());
      double seconds = Math.max(0, collector.getCollectionTime()) / MILLIS_PER_SECOND;
      time.add(seconds, "gc", collector.getName());
    }
  }
}
