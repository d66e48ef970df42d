package carnelian.base.config;

import carnelian.base.OsError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The working directory. A process of Java cannot change its own, so all relative paths are
/// resolved against this value, which is always absolute.
record DirectoryType() implements DirectiveType<Path> {
  @Override
  public Path parse(List<String> words, Path current) throws InvalidValueException {
    Path wanted = current.resolve(Config.path(DirectiveType.one(words)));
    try {
      Path real = wanted.toRealPath();
      if (!Files.isDirectory(real)) {
        throw new InvalidValueException("Not a directory");
      }
      if (!Files.isExecutable(real)) {
        throw new InvalidValueException("Permission denied");
      }
      return real;
    } catch (IOException e) {
      throw new InvalidValueException(OsError.text(e));
    }
  }

  @Override
  public String format(Path value) {
    return Config.text(value);
  }

  @Override
  public List<String> lines(Path value) {
    return List.of(QuotedWords.quote(format(value)));
  }

  @Override
  public boolean mustWrite(Path value, Path defaultValue) {
    return true;
  }

  @Override
  public String describe() {
    return "directory";
  }
}
