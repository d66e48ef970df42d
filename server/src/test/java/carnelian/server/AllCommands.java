package carnelian.server;

import carnelian.base.config.Config;
import carnelian.datatypes.BitCommands;
import carnelian.datatypes.BitfieldCommands;
import carnelian.datatypes.ExpireCommands;
import carnelian.datatypes.GeoCommands;
import carnelian.datatypes.GeoSearchCommands;
import carnelian.datatypes.HashCommands;
import carnelian.datatypes.HyperLogLogCommands;
import carnelian.datatypes.HyperLogLogDebugCommands;
import carnelian.datatypes.KeyCommands;
import carnelian.datatypes.ListCommands;
import carnelian.datatypes.ListMoveCommands;
import carnelian.datatypes.ObjectCommands;
import carnelian.datatypes.ScanCommands;
import carnelian.datatypes.SetAlgebraCommands;
import carnelian.datatypes.SetCommands;
import carnelian.datatypes.SortedSetAlgebraCommands;
import carnelian.datatypes.SortedSetCommands;
import carnelian.datatypes.SortedSetPopCommands;
import carnelian.datatypes.SortedSetRangeCommands;
import carnelian.datatypes.StreamClaimCommands;
import carnelian.datatypes.StreamCommands;
import carnelian.datatypes.StreamGroupCommands;
import carnelian.datatypes.StreamInfoCommands;
import carnelian.datatypes.StreamReadCommands;
import carnelian.datatypes.StringCommands;
import carnelian.datatypes.StringCounterCommands;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.introspection.CommandCommands;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestStore;
import carnelian.persistence.rdb.DumpCommands;
import carnelian.persistence.rdb.DumpPayloads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Every command that there is, for tests that look at declarations and run none.
final class AllCommands {
  private AllCommands() {}

  static List<Command> list() {
    List<Command> commands = new ArrayList<>();
    try (TestStore store = TestStore.with()) {
      Engine engine = store.engine();
      try (PubSub pubSub = new PubSub(engine, 1);
          Diagnosis diagnosis = new Diagnosis(engine)) {
        commands.addAll(new TransactionCommands(engine).all());
        commands.addAll(new CommandCommands(engine.commands()).all());
        commands.addAll(new PubSubCommands(pubSub).all());
        commands.addAll(diagnosis.commands());
        Config config = new Config(Path.of(""));
        DumpPayloads payloads = new DumpPayloads(store.keyspace());
        commands.addAll(new DumpCommands(config, payloads).all());
        commands.addAll(new MigrateCommand(config, engine.clock(), payloads).all());
        commands.addAll(new MemoryCommands(new MemoryWatch(engine, config)).all());
      }
    }
    commands.addAll(BitCommands.all());
    commands.addAll(BitfieldCommands.all());
    commands.addAll(HyperLogLogCommands.all());
    commands.addAll(HyperLogLogDebugCommands.all());
    commands.addAll(StreamClaimCommands.all());
    commands.addAll(StreamCommands.all());
    commands.addAll(StreamGroupCommands.all());
    commands.addAll(StreamInfoCommands.all());
    commands.addAll(StreamReadCommands.all());
    commands.addAll(GeoCommands.all());
    commands.addAll(GeoSearchCommands.all());
    commands.addAll(ExpireCommands.all());
    commands.addAll(HashCommands.all());
    commands.addAll(KeyCommands.all());
    commands.addAll(ListCommands.all());
    commands.addAll(ListMoveCommands.all());
    commands.addAll(ObjectCommands.all());
    commands.addAll(ScanCommands.all());
    commands.addAll(SetAlgebraCommands.all());
    commands.addAll(SetCommands.all());
    commands.addAll(SortedSetAlgebraCommands.all());
    commands.addAll(SortedSetCommands.all());
    commands.addAll(SortedSetPopCommands.all());
    commands.addAll(SortedSetRangeCommands.all());
    commands.addAll(StringCommands.all());
    commands.addAll(StringCounterCommands.all());
    return commands;
  }
}
