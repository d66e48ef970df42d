package carnelian.engine;

import java.util.List;

/// Port: the function libraries, for those who save and load them with the data. Each is its code.
public interface FunctionLibraries {
  List<byte[]> all();

  /// What was loaded takes the place of what there is.
  void replaceAll(List<byte[]> libraries);

  /// Keeps libraries for the next save, and can do nothing else with them.
  final class Kept implements FunctionLibraries {
    private List<byte[]> libraries = List.of();

    @Override
    public List<byte[]> all() {
      return libraries;
    }

    @Override
    public void replaceAll(List<byte[]> loaded) {
      libraries = List.copyOf(loaded);
    }
  }
}
