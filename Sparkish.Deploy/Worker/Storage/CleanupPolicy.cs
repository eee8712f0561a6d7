namespace Sparkish.Deploy.Worker.Storage;

/// <summary>Decides which directories a worker removes. Pure.</summary>
internal static class CleanupPolicy
{
    /// <summary>
    /// Returns the directories that have not changed for the time to live and, if the others together are too large, further ones in the order of their last
    /// change until the rest is small enough. A directory in use counts for its size, but stays.
    /// </summary>
    public static IReadOnlyList<StoredDirectory> Choose(IReadOnlyList<StoredDirectory> all, CleanupOptions options, DateTimeOffset now)
    {
        var chosen = new List<StoredDirectory>();
        var bytes = all.Sum(static directory => directory.Bytes);
        foreach (var directory in all.Where(static directory => !directory.IsInUse).OrderBy(static directory => directory.LastChange))
        {
            if (now - directory.LastChange <= options.TimeToLive && bytes <= (options.MaxBytes ?? long.MaxValue)) break;
            chosen.Add(directory);
            bytes -= directory.Bytes;
        }

        return chosen;
    }
}
