package carnelian.base;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// What the operating system said, in its own words (`strerror`), as logs and error replies of
/// Redis show it: Java's exceptions carry a path, and for the common errors no reason at all.
public final class OsError {
  private OsError() {}

  /// The reason alone, for example `No such file or directory`.
  public static String text(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "No such file or directory";
      case AccessDeniedException _ -> "Permission denied";
      case FileAlreadyExistsException _ -> "File exists";
      case NotDirectoryException _ -> "Not a directory";
      case DirectoryNotEmptyException _ -> "Directory not empty";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      case FileNotFoundException other -> inParentheses(other);
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }

  /// `FileInputStream` and its like say `path (reason)`.
  private static String inParentheses(FileNotFoundException e) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    int open = message.lastIndexOf('(');
    return open >= 0 && message.endsWith(")")
        ? message.substring(open + 1, message.length() - 1)
        : "No such file or directory";
  }
}
