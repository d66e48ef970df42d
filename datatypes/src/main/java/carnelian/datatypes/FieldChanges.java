package carnelian.datatypes;

import carnelian.engine.Call;
import carnelian.engine.Effect;
import carnelian.keyspace.Database;
import carnelian.keyspace.ExpiryMode;
import carnelian.keyspace.Hashes;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import org.jspecify.annotations.Nullable;

/// What one command does to the deadlines of fields of one hash, or how it deletes them: field by
/// field, and then reported and propagated for all that changed. A command does only one of the
/// three to its fields: sets their deadline, takes it away, or deletes them.
///
/// A deadline that has passed deletes, except where what is replayed (a log, a primary's commands)
/// goes on with the field as it was then.
final class FieldChanges {
  private final Call call;
  private final Hashes hashes;
  private final Slice key;
  private final HashFieldArguments fields;
  private final long deadline;
  private final boolean deletes;

  /// The hash, 0 if there is none, or none any more.
  private long hash;

  private int changed;
  private KeyEvent event = KeyEvent.HEXPIRE;

  /// Which of the fields were changed, as many of them as fit; those beyond follow in `more`.
  private long changedFirst;

  private boolean @Nullable [] more;

  FieldChanges(Call call, HashFieldArguments fields, long deadline) {
    this.call = call;
    this.fields = fields;
    this.deadline = deadline;
    hashes = call.keyspace().hashes();
    key = call.arg(1);
    hash = call.db().write(key, Type.HASH);
    deletes =
        deadline >= 0
            && deadline <= call.nowMillis()
            && call.keyspace().expiryMode() != ExpiryMode.IGNORE;
  }

  /// Whether fields that get the deadline are deleted.
  boolean deletes() {
    return deletes;
  }

  /// The deadline of the field that an argument names; see [Hashes#deadline].
  long present(int argument) {
    return hash == 0 ? Hashes.NO_FIELD : hashes.deadline(hash, call.arg(argument));
  }

  /// Replies with a field's value, or nil; false if there is no such field.
  boolean replyValue(int argument) {
    Element value = call.element();
    if (hash == 0 || !hashes.get(hash, call.arg(argument), value)) {
      call.reply().nil();
      return false;
    }
    Elements.bulk(call.reply(), value);
    return true;
  }

  /// Gives a field that is there the deadline.
  void expire(int argument) {
    if (deletes) {
      delete(argument);
      return;
    }
    hashes.expireAt(call.db(), hash, call.arg(argument), deadline);
    note(argument, KeyEvent.HEXPIRE);
  }

  /// Takes the deadline of a field that is there away, if it has one.
  void persist(int argument) {
    if (present(argument) != Database.NO_DEADLINE) {
      hashes.persist(call.db(), hash, call.arg(argument));
      note(argument, KeyEvent.HPERSIST);
    }
  }

  /// Deletes a field that is there.
  void delete(int argument) {
    if (hashes.remove(call.db(), hash, call.arg(argument))) {
      note(argument, KeyEvent.HDEL);
    }
  }

  private void note(int argument, KeyEvent what) {
    event = what;
    changed++;
    int index = argument - fields.first();
    if (index < Long.SIZE) {
      changedFirst |= 1L << index;
      return;
    }
    if (more == null) {
      more = new boolean[call.argc()];
    }
    more[argument] = true;
  }

  private boolean isChanged(int argument) {
    int index = argument - fields.first();
    return index < Long.SIZE ? (changedFirst & (1L << index)) != 0 : more != null && more[argument];
  }

  /// Reports what was done, and deletes the key with its last field.
  void end() {
    if (changed == 0) {
      return;
    }
    call.changed(key, event, changed);
    Effect effect;
    if (event == KeyEvent.HDEL) {
      effect = call.replicateAs("HDEL").arg(key);
    } else if (event == KeyEvent.HPERSIST) {
      effect = call.replicateAs("HPERSIST").arg(key).arg("FIELDS").arg(changed);
    } else {
      effect = call.replicateAs("HPEXPIREAT").arg(key).arg(deadline).arg("FIELDS").arg(changed);
    }
    for (int i = fields.first(); i < call.argc(); i++) {
      if (isChanged(i)) {
        effect.arg(call.arg(i));
      }
    }
    if (event == KeyEvent.HDEL && hashes.isEmpty(hash)) {
      call.db().deleteEmptied(key, hash);
    }
  }
}
