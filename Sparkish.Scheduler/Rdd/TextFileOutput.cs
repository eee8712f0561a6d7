using System.Globalization;
using System.Text;
using Sparkish.Compute;
using Sparkish.Input;
using Sparkish.Serialization.Types;

namespace Sparkish;

/// <summary>
/// Writes an RDD as text files. Tasks write into a temporary directory beside the target. Each renames its file when it is complete, so that a second attempt
/// is harmless, and the driver renames the directory when all files exist. Neither a failed job nor a killed attempt leaves files behind.
/// </summary>
[SendsFunctions]
internal static class TextFileOutput
{
    private const string SuccessMarker = "_SUCCESS";

    // A killed executor leaves the file of its attempt, so attempts are kept apart from the output, which is read as a whole.
    private const string AttemptsDirectory = "_attempts";

    /// <exception cref="SparkException">The target exists, or the job failed.</exception>
    public static void Save<T>(Rdd<T> rdd, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var target = Path.TrimEndingDirectorySeparator(LocalPath.Parse(path));
        ThrowIfExists(target);

        // A name that input leaves out, should the driver be killed and leave it.
        var aside = Path.Combine(Path.GetDirectoryName(target)!, $"_{Path.GetFileName(target)}.temporary-{Guid.NewGuid():N}");
        try
        {
            var attempts = Path.Combine(aside, AttemptsDirectory);
            Directory.CreateDirectory(attempts);
            rdd.RunJob((reader, task) => WritePart(reader, aside, task));
            Directory.Delete(attempts, recursive: true);
            File.WriteAllBytes(Path.Combine(aside, SuccessMarker), []);
            ThrowIfExists(target);
            Directory.Move(aside, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"Cannot write to {target}: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        }
    }

    private static void ThrowIfExists(string target)
    {
        if (Directory.Exists(target) || File.Exists(target))
            throw new SparkException($"Output directory {target} already exists: remove it or choose another one.");
    }

    private static bool WritePart<T>(PartitionReader<T> reader, string directory, TaskContext task)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"part-{task.PartitionId:D5}");
        var attempt = Path.Combine(directory, AttemptsDirectory, string.Create(CultureInfo.InvariantCulture, $"{name}.{task.TaskAttemptId}"));
        try
        {
            using (var writer = new StreamWriter(attempt, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 64 * 1024))
            {
                writer.NewLine = "\n";
                WriteLines(reader, writer);
            }

            File.Move(attempt, Path.Combine(directory, name), overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(attempt);
        }
    }

    private static void WriteLines<T>(PartitionReader<T> reader, StreamWriter writer)
    {
        var batch = new T[PartitionReader<T>.ReadAhead];
        for (int read; (read = reader.Read(batch)) > 0;)
        {
            // Tuples and records format their members in the current culture. Functions that compute elements use the task's.
            var culture = CultureInfo.CurrentCulture;
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            try
            {
                foreach (var element in batch.AsSpan(0, read)) writer.WriteLine(TextOf(element));
            }
            finally
            {
                CultureInfo.CurrentCulture = culture;
            }
        }
    }

    // A line for null would equal the line of an empty string.
    private static string TextOf<T>(T element) =>
        (element is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : element?.ToString())
        ?? throw new SparkException($"SaveAsTextFile(...): {(element is null ? "a row" : $"the text of a {element.GetType()}")} is null, "
            + "which a text file cannot represent: filter such rows out, or map them to a string.");
}
