using Microsoft.Extensions.Logging;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Simulation;

/// <summary>
/// The files of journals on a simulated disk. Operations that block on a real one are events of the process: they occur slightly later, as the seed decides,
/// and never if the process is killed before.
/// </summary>
internal sealed class SimulatedJournalFiles(SimulatedNode node, SimulatedProcess? process) : IJournalFiles
{
    private const string Root = "journals/";

    private readonly HashSet<string> _locked = new(StringComparer.Ordinal);

    /// <summary>Continuations run within the event, and so on the simulation's thread.</summary>
    public TaskCreationOptions Completions => TaskCreationOptions.None;

    public static IJournalStore NewStore(SimulatedNode node, SimulatedProcess? process) =>
        new FileJournalStore(new SimulatedJournalFiles(node, process), options: null, node.Cluster.Options.LoggerFactory.CreateLogger<FileJournalStore>());

    public Task<T> RunAsync<T>(Func<T> step)
    {
        var work = new DiskStep<T>(step);
        if (process is null) work.Execute();
        else process.Scheduler.Schedule(work, preferLocal: false);
        return work.Completion.Task;
    }

    public string FullName(string path) => $"{node.Name}:{Root}{path}";

    public IReadOnlyList<string> ListFiles(string directory)
    {
        var prefix = $"{Root}{directory}/";
        return [.. node.Disk.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..])];
    }

    public IReadOnlyList<string> ListDirectories() =>
        [.. node.Disk.Names.Where(name => name.StartsWith(Root, StringComparison.Ordinal))
            .Select(name => name[Root.Length..].Split('/')[0]).Distinct(StringComparer.Ordinal)];

    /// <summary>The names on a simulated disk are flat and always safe.</summary>
    public void CreateDirectory(string directory)
    {
    }

    public IJournalFile Create(string path)
    {
        node.Disk.Replace(Root + path, []);
        return new SimulatedFile(node.Disk, Root + path);
    }

    public IJournalFile? Open(string path, bool writable = false) => node.Disk.Exists(Root + path) ? new SimulatedFile(node.Disk, Root + path) : null;

    public void Rename(string from, string to) => node.Disk.Rename(Root + from, Root + to);

    public void Delete(string path) => node.Disk.Delete(Root + path);

    /// <inheritdoc cref="CreateDirectory"/>
    public void FlushDirectory(string directory)
    {
    }

    public IDisposable Lock(string path) => _locked.Add(path)
        ? new Unlock(_locked, path)
        : throw new JournalLockedException($"'{FullName(path)}' is locked by this process: only one writer may have a journal open.");

    private sealed class Unlock(HashSet<string> locked, string path) : IDisposable
    {
        public void Dispose() => locked.Remove(path);
    }

    private sealed class DiskStep<T>(Func<T> step) : IThreadPoolWorkItem
    {
        public TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.None);

        public void Execute()
        {
            T result;
            try
            {
                result = step();
            }
            catch (Exception e)
            {
                Completion.SetException(e);
                return;
            }

            Completion.SetResult(result);
        }
    }
}

/// <summary>A file on a simulated disk.</summary>
internal sealed class SimulatedFile(SimulatedDisk disk, string name) : IJournalFile
{
    public long Length => disk.LengthOf(name);

    public int Read(long position, Span<byte> buffer) => disk.Read(name, position, buffer);

    public void Write(long position, ReadOnlySpan<byte> bytes) => disk.Write(name, position, bytes);

    public void SetLength(long length) => disk.Cut(name, length);

    public void Flush() => disk.Flush(name);

    public void Dispose()
    {
    }
}
