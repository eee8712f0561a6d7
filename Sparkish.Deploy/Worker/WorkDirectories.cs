namespace Sparkish.Deploy.Worker;

/// <summary>The directories of applications in a worker's work directory.</summary>
internal static class WorkDirectories
{
    /// <summary>Makes the directory, and makes sure that executors can make theirs in it.</summary>
    /// <exception cref="SparkException">It cannot be made or written.</exception>
    public static void ThrowIfUnwritable(string directory)
    {
        var probe = Path.Combine(directory, $".probe-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(directory);
            Directory.CreateDirectory(probe);
            File.WriteAllText(Path.Combine(probe, "probe"), "This file shows that the directory can be written.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"The work directory {Path.GetFullPath(directory)} cannot be written, so no executor could start in it: {e.Message} "
                + "Give another one with --work-dir, or make room.", e);
        }
        finally
        {
            Remove(probe);
        }
    }

    private static void Remove(string probe)
    {
        try
        {
            if (Directory.Exists(probe)) Directory.Delete(probe, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What could not be written is what is told; an empty directory may stay.
        }
    }
}
