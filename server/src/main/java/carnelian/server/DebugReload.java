package carnelian.server;

import carnelian.engine.Call;
import carnelian.engine.FunctionLibraries;
import carnelian.engine.ReplyError;
import carnelian.persistence.rdb.RdbLoader;
import carnelian.persistence.snapshot.Snapshots;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DEBUG RELOAD: saves all data, forgets it, and loads it again, while everyone waits.
final class DebugReload {
  private static final Logger LOG = LoggerFactory.getLogger(DebugReload.class);

  private static final ReplyError BAD_OPTION =
      ReplyError.err("DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
  private static final ReplyError NOT_LOADED =
      ReplyError.err("Error trying to load the RDB dump, check server logs.");

  private final Snapshots snapshots;
  private final FunctionLibraries functions;

  DebugReload(Snapshots snapshots, FunctionLibraries functions) {
    this.snapshots = snapshots;
    this.functions = functions;
  }

  void reload(Call call) {
    boolean merge = false;
    boolean flush = true;
    boolean save = true;
    for (int i = 2; i < call.argc(); i++) {
      if (call.is(i, "MERGE")) {
        merge = true;
      } else if (call.is(i, "NOFLUSH")) {
        flush = false;
      } else if (call.is(i, "NOSAVE")) {
        save = false;
      } else {
        throw BAD_OPTION;
      }
    }
    if (save) {
      save();
    }
    if (flush) {
      call.keyspace().flushAll();
      functions.clear();
    }
    load(merge ? RdbLoader.Duplicates.REPLACE : RdbLoader.Duplicates.REFUSE);
    LOG.warn("DB reloaded by DEBUG RELOAD");
    call.replicateNothing();
    call.reply().ok();
  }

  private void save() {
    try {
      snapshots.awaitBackgroundSave();
      snapshots.saveNow();
    } catch (IOException e) {
      throw ReplyError.err("saving failed: " + e.getMessage());
    }
  }

  private void load(RdbLoader.Duplicates duplicates) {
    try {
      if (!snapshots.loads().load(snapshots.file(), duplicates)) {
        throw NOT_LOADED;
      }
    } catch (IOException e) {
      LOG.warn("DEBUG RELOAD: {}", e.getMessage());
      throw NOT_LOADED;
    }
  }
}
