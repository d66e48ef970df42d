package carnelian.engine;

import java.util.ArrayList;
import java.util.List;

/// Port: the function libraries, for those who save and load them with the data. Each is its code.
public interface FunctionLibraries {
  List<byte[]> all();

  void clear();

  /// Adds what was loaded to what there is. False if one of them cannot be added, or if there is
  /// one of its name that is not to be replaced: then nothing is added, and the log says why.
  boolean addAll(List<byte[]> libraries, boolean replacing);

  /// Keeps libraries for the next save, and can do nothing else with them.
  final class Kept implements FunctionLibraries {
    private List<byte[]> libraries = List.of();

    @Override
    public List<byte[]> all() {
      return libraries;
    }

    @Override
    public void clear() {
      libraries = List.of();
    }

    @Override
    public boolean addAll(List<byte[]> loaded, boolean replacing) {
      List<byte[]> all = new ArrayList<>(libraries);
      all.addAll(loaded);
      libraries = List.copyOf(all);
      return true;
    }
  }
}
