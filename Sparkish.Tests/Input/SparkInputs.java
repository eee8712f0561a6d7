import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Reads each path in a file of paths (one a line, Base64) as Spark does; writes "lines TAB digest TAB Base64 of them, if few" or "error TAB text". */
public class SparkInputs {
  public static void main(String[] args) throws Exception {
    JavaSparkContext sc = new JavaSparkContext(new SparkConf().setMaster("local[2]").setAppName("inputs").set("spark.ui.enabled", "false"));
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String path = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
      Files.writeString(Path.of(args[1]), outcome(sc, path) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    sc.stop();
  }

  private static String outcome(JavaSparkContext sc, String path) throws Exception {
    List<String> lines;
    try {
      lines = new ArrayList<>(sc.textFile(path, 3).collect());
    } catch (Throwable e) {
      while (e.getCause() != null) e = e.getCause();
      if (e instanceof OutOfMemoryError) Runtime.getRuntime().halt(52);
      String text = e.getClass().getSimpleName() + ": " + String.valueOf(e.getMessage());
      return "error\t" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
    Collections.sort(lines);
    byte[] all = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    StringBuilder digest = new StringBuilder();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(all);
    for (int i = 0; i < 4; i++) digest.append(String.format("%02x", hash[i]));
    return lines.size() + "\t" + digest + "\t" + (all.length <= 60 ? Base64.getEncoder().encodeToString(all) : "");
  }
}
