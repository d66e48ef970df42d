package carnelian.engine.diagnosis;

import carnelian.command.CommandFlag;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.CommandObserver;
import carnelian.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Everything that looks at commands as they run, behind the one observer that the engine has.
public final class Diagnosis
    implements CommandObserver, Engine.DisconnectListener, Engine.Periodic, AutoCloseable {
  private static final String EVICTION_CYCLE = "eviction-cycle";

  private final SlowLog slowLog = new SlowLog();
  private final LatencyMonitor latency;
  private final Monitors monitors;
  private final HotKeys hotKeys;
  private final Census census;
  private final Engine engine;
  private long slowNanos;

  /// Becomes the engine's observer.
  public Diagnosis(Engine engine) {
    this.engine = engine;
    latency = new LatencyMonitor(engine.clock());
    monitors = new Monitors(engine);
    hotKeys = new HotKeys(engine.clock());
    census = new Census(engine);
    engine.observer(this);
    engine.sampler(hotKeys);
    engine.periodically(this);
    engine.onDisconnect(this);
    settingsChanged();
  }

  @Override
  public void cron() {
    hotKeys.age();
    census.step();
  }

  /// The commands of [#commands], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "MONITOR SLOWLOG LATENCY HOTKEYS BIGKEYS";

  /// MONITOR, SLOWLOG, LATENCY, HOTKEYS and BIGKEYS.
  public List<Command> commands() {
    List<Command> commands = new ArrayList<>();
    commands.addAll(new MonitorCommands(monitors).all());
    commands.addAll(new SlowLogCommands(slowLog).all());
    commands.addAll(new LatencyCommands(latency, engine.commands()).all());
    commands.addAll(new KeyCommands(hotKeys, census).all());
    return commands;
  }

  /// The keys that are used most.
  public HotKeys hotKeys() {
    return hotKeys;
  }

  /// What the keys hold.
  public Census census() {
    return census;
  }

  /// Samples of delays that are no command's, such as a snapshot cut, are added there.
  public LatencyMonitor latency() {
    return latency;
  }

  /// `slowlog-log-slower-than`: microseconds; 0 logs all, below 0 nothing.
  public void slowLogSlowerThanMicros(long micros) {
    slowLog.slowerThanMicros(micros);
    settingsChanged();
  }

  /// `slowlog-max-len`.
  public void slowLogMaxLength(long entries) {
    slowLog.maxLength(entries);
  }

  /// `latency-monitor-threshold`: milliseconds; 0 turns it off.
  public void latencyMonitorThresholdMillis(long millis) {
    latency.thresholdMillis(millis);
    engine.keyspace().evictor().timeDeletions(millis > 0);
    settingsChanged();
  }

  /// A client does not want to see commands any more: RESET.
  public void forget(Client client) {
    monitors.remove(client);
  }

  private void settingsChanged() {
    slowNanos = Math.min(slowLog.thresholdNanos(), latency.thresholdNanos());
  }

  // ---- As the observer -------------------------------------------------------------------------

  @Override
  public long slowNanos() {
    return slowNanos;
  }

  @Override
  public void slow(Call call, long nanos) {
    if (nanos >= slowLog.thresholdNanos() && !call.entry().has(CommandFlag.SKIP_SLOWLOG)) {
      slowLog.add(call, TimeUnit.NANOSECONDS.toMicros(nanos));
    }
    if (nanos >= latency.thresholdNanos()) {
      String event = call.entry().has(CommandFlag.FAST) ? "fast-command" : "command";
      latency.add(event, TimeUnit.NANOSECONDS.toMillis(nanos));
    }
  }

  @Override
  public boolean monitoring() {
    return !monitors.isEmpty();
  }

  @Override
  public void executed(Call call) {
    monitors.show(call);
  }

  @Override
  public void scriptBegins(Call call) {
    monitors.showAlways(call);
  }

  @Override
  public void delayed(String event, long nanos) {
    latency.add(event, TimeUnit.NANOSECONDS.toMillis(nanos));
    if (event.equals(EVICTION_CYCLE)) {
      long slowest = engine.keyspace().evictor().takeSlowestDeletionNanos();
      latency.add("eviction-del", TimeUnit.NANOSECONDS.toMillis(slowest));
    }
  }

  @Override
  public void disconnected(Client client) {
    forget(client);
  }

  @Override
  public void close() {
    monitors.close();
  }
}
