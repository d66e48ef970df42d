package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.engine.Command;
import carnelian.engine.CommandFamily;
import carnelian.engine.Engine;
import carnelian.engine.ScriptRun;
import carnelian.engine.acl.AclCommands;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.introspection.CommandCommands;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.net.Network;
import carnelian.persistence.log.Log;
import carnelian.persistence.rdb.DumpCommands;
import carnelian.persistence.rdb.DumpPayloads;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.replication.Replication;
import carnelian.scripting.Scripting;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The families of commands of a store beside those of the data types. A family is declared, and
/// what it alone needs is made, when one of its commands is first asked for. On the engine's loop.
final class ServerFamilies implements Engine.Periodic {
  private final Parts parts;
  private final Config config;
  private final Clock clock;
  private final Network network;
  private final Shutdown shutdown;
  private final Traffic traffic;
  private final DelayWatch delays;
  private final String runId;
  private @Nullable DumpPayloads payloads;
  private @Nullable MigrateCommand migrate;
  private volatile @Nullable MetricsPages metrics;

  private enum Family {
    TRANSACTIONS(TransactionCommands.NAMES),
    PUB_SUB(PubSubCommands.NAMES),
    ACL(AclCommands.NAMES),
    DIAGNOSIS(Diagnosis.NAMES),
    COMMAND(CommandCommands.NAMES),
    SNAPSHOTS(Snapshots.NAMES),
    LOG(Log.NAMES),
    REPLICATION(Replication.NAMES),
    SCRIPTING(Scripting.NAMES),
    CONFIG(ConfigCommands.NAMES),
    DUMP(DumpCommands.NAMES),
    MIGRATE(MigrateCommand.NAMES),
    MEMORY(MemoryCommands.NAMES),
    INFO(InfoCommand.NAMES),
    CONNECTION(ConnectionCommands.NAMES),
    CLIENT(ClientCommands.NAMES),
    SERVER(ServerCommands.NAMES),
    CLUSTER(ClusterCommands.NAMES),
    DEBUG(DebugCommand.NAMES);

    final String names;

    Family(String names) {
      this.names = names;
    }
  }

  ServerFamilies(
      Parts parts,
      Config config,
      Clock clock,
      RandomSource random,
      Network network,
      Shutdown shutdown) {
    this.parts = parts;
    this.config = config;
    this.clock = clock;
    this.network = network;
    this.shutdown = shutdown;
    traffic = new Traffic(network, parts.replication(), clock);
    delays =
        new DelayWatch(
            parts.diagnosis().latency(),
            network.queueTimes(),
            parts.durability().log(),
            config,
            clock);
    runId = ReplicationIdentity.newId(random);
  }

  void register() {
    for (Family family : Family.values()) {
      parts.engine().register(new CommandFamily(family.names, () -> commands(family)));
    }
    ScriptRun scripts = parts.engine().scriptRun();
    parts.acl().clientLine(call -> new ClientLine(parts.pubSub()).of(scripts.sent(call)));
  }

  private List<Command> commands(Family family) {
    Engine engine = parts.engine();
    return switch (family) {
      case ACL -> new AclCommands(parts.acl()).all();
      case CLIENT ->
          new ClientCommands(engine, parts.pubSub(), parts.acl(), parts.tracking()).all();
      case CLUSTER -> ClusterCommands.all();
      case COMMAND -> new CommandCommands(engine.commands()).all();
      case CONFIG -> configCommands().all();
      case CONNECTION ->
          new ConnectionCommands(
                  engine, parts.acl(), parts.pubSub(), parts.diagnosis(), parts.tracking())
              .all();
      case DEBUG ->
          new DebugCommand(
                  engine, config, parts.snapshots(), payloads(), parts.durability(), shutdown)
              .all();
      case DIAGNOSIS -> parts.diagnosis().commands();
      case DUMP -> new DumpCommands(config, payloads()).all();
      case INFO -> infoCommand().all();
      case LOG -> parts.durability().log().commands();
      case MEMORY -> memoryCommands().all();
      case MIGRATE -> migrate().all();
      case PUB_SUB -> new PubSubCommands(parts.pubSub()).all();
      case REPLICATION -> parts.replication().commands();
      case SCRIPTING -> parts.scripting().commands();
      case SERVER -> new ServerCommands(clock, shutdown, engine).all();
      case SNAPSHOTS -> parts.snapshots().commands();
      case TRANSACTIONS -> new TransactionCommands(engine).all();
    };
  }

  /// Also for those that have no cron of their own.
  @Override
  public void cron() {
    parts.watch().watch();
    traffic.sample();
    delays.look();
    if (migrate != null) {
      migrate.closeIdle();
    }
    parts.gateway().closeIdleAndUnread();
    parts.snapshots().cron();
    shutdown.poll();
  }

  // ---- What families share ---------------------------------------------------------------------

  private DumpPayloads payloads() {
    if (payloads == null) {
      payloads = new DumpPayloads(parts.keyspace());
    }
    return payloads;
  }

  private MigrateCommand migrate() {
    if (migrate == null) {
      DumpPayloads sent = new DumpPayloads(parts.keyspace());
      migrate = new MigrateCommand(config, parts.engine().stopwatch(), sent);
    }
    return migrate;
  }

  private ConfigCommands configCommands() {
    return new ConfigCommands(config, parts.engine(), this::resetStatistics);
  }

  /// CONFIG RESETSTAT: all that counts.
  private void resetStatistics() {
    parts.engine().resetStatistics();
    parts.keyspace().statistics().reset();
    parts.keyspace().evictor().resetStatistics();
    parts.acl().log().resetStatistics();
    parts.gateway().resetStatistics();
    parts.watch().resetStatistics();
    parts.snapshots().resetStatistics();
    parts.durability().log().figures().resetStatistics();
    parts.replication().resetStatistics();
    payloads().resetStatistics();
    traffic.resetStatistics();
    network.queueTimes().reset();
  }

  private MemoryCommands memoryCommands() {
    MemoryDoctor doctor =
        new MemoryDoctor(
            parts.watch(),
            parts.engine(),
            config,
            parts.diagnosis().census(),
            parts.durability().log(),
            parts.scripting());
    return new MemoryCommands(parts.watch()::report, parts::scripting, doctor::diagnosis);
  }

  // ---- What looks at all the others ------------------------------------------------------------

  private InfoCommand infoCommand() {
    List<InfoSection> all = figures();
    all.addAll(keySections().keys());
    return new InfoCommand(all);
  }

  /// The page of metrics, which is made when it is first wanted.
  MetricsPages metrics() {
    MetricsPages made = metrics;
    if (made == null) {
      made =
          new MetricsPages(
              parts.engine(),
              config,
              parts.loop(),
              network.queueTimes(),
              parts.diagnosis().hotKeys(),
              this::figures);
      metrics = made;
    }
    return made;
  }

  private KeySections keySections() {
    return new KeySections(parts.diagnosis().hotKeys(), parts.diagnosis().census());
  }

  /// The sections of INFO that show no keys.
  List<InfoSection> figures() {
    InfoSections sections =
        new InfoSections(
            parts.engine(),
            config,
            network,
            parts.pubSub(),
            parts.acl(),
            parts.tracking(),
            parts.snapshots(),
            parts.gateway(),
            parts.watch(),
            traffic,
            payloads(),
            migrate(),
            parts.durability(),
            parts.replication(),
            shutdown,
            parts.scripting(),
            runId);
    List<InfoSection> all = new ArrayList<>(sections.all());
    all.add(delays.section());
    all.add(keySections().sizes());
    return all;
  }

  // ---- End -------------------------------------------------------------------------------------

  /// While the loop still turns.
  void endMetrics() {
    MetricsPages made = metrics;
    if (made != null) {
      made.close();
    }
  }

  /// Not on the loop, which has ended.
  void close() {
    if (migrate != null) {
      migrate.close();
    }
  }
}
