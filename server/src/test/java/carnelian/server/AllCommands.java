package carnelian.server;

import carnelian.base.config.Config;
import carnelian.datatypes.DataTypes;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.acl.Acl;
import carnelian.engine.acl.AclCommands;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.introspection.CommandCommands;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestStore;
import carnelian.persistence.rdb.DumpCommands;
import carnelian.persistence.rdb.DumpPayloads;
import carnelian.scripting.Scripting;
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
        try (Acl acl = new Acl(engine, pubSub)) {
          commands.addAll(new AclCommands(acl).all());
        }
        Config config = new Config(Path.of(""));
        DumpPayloads payloads = new DumpPayloads(store.keyspace());
        commands.addAll(new DumpCommands(config, payloads).all());
        commands.addAll(new MigrateCommand(config, engine.clock(), payloads).all());
        commands.addAll(
            new MemoryCommands(AllCommands::noReport, AllCommands::noScripting, () -> "").all());
      }
    }
    commands.addAll(ClusterCommands.all());
    commands.addAll(DataTypes.commands());
    return commands;
  }

  private static MemoryReport noReport() {
    throw notExecuted();
  }

  private static Scripting noScripting() {
    throw notExecuted();
  }

  private static UnsupportedOperationException notExecuted() {
    return new UnsupportedOperationException("commands are declared here, not executed");
  }
}
