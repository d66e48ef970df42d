package carnelian.structures;

/// How a counted tree orders items of equal words: by a key that is found through the reference.
public interface TieOrder {
  /// By the bytes of the key of the entry that is referred to, as Redis orders members of equal
  /// score.
  TieOrder MEMBERS = new Members();

  /// By the reference itself, as an unsigned number: any order will do.
  TieOrder REFERENCES = new References();

  /// Address of the key of what is referred to.
  long keyAt(long reference);

  int keyLength(long reference);

  /// Negative if the key of what is referred to sorts before the given key, 0 if it is that key.
  int compare(long reference, long keyAt, int keyLength);

  /// See [#MEMBERS].
  final class Members implements TieOrder {
    private Members() {}

    @Override
    public long keyAt(long reference) {
      return EntryLayout.key(reference);
    }

    @Override
    public int keyLength(long reference) {
      return EntryLayout.keyLength(reference);
    }

    @Override
    public int compare(long reference, long keyAt, int keyLength) {
      return EntryLayout.compareKey(reference, keyAt, keyLength);
    }
  }

  /// See [#REFERENCES]. The reference is its own key and has no length.
  final class References implements TieOrder {
    private References() {}

    @Override
    public long keyAt(long reference) {
      return reference;
    }

    @Override
    public int keyLength(long reference) {
      return 0;
    }

    @Override
    public int compare(long reference, long keyAt, int keyLength) {
      return Long.compareUnsigned(reference, keyAt);
    }
  }
}
