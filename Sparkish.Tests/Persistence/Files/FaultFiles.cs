using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>The machine is gone, or the process was killed: nothing that it still tries has any effect.</summary>
internal sealed class CrashException() : Exception("crash");

/// <summary>
/// A file system in memory that fails where a test says and knows what a crash leaves: after a kill all that was written, after a loss of power what was
/// flushed
/// and any part of the rest. Steps run when the test pumps, on its thread.
/// </summary>
internal sealed class FaultFiles : IJournalFiles
{
    private readonly Queue<Action> _steps = new();
    private readonly HashSet<string> _locked = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FaultFile> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FaultFile?> _safeNames = new(StringComparer.Ordinal); // as the directory on the disk has them

    /// <summary>How often something was changed, or tried to.</summary>
    public int Operations { get; private set; }

    /// <summary>What the operations were, for the message of a failure.</summary>
    public List<string> Trace { get; } = [];

    /// <summary>The operation at which the process dies.</summary>
    public int CrashAt { get; set; } = int.MaxValue;

    /// <summary>How many bytes of a write at that operation get through.</summary>
    public int CrashBytes { get; set; }

    /// <summary>The bytes of the write at which the process died; -1 if it was no write.</summary>
    public int CrashedWriteBytes { get; private set; } = -1;

    public bool HasCrashed { get; private set; }

    /// <summary>How many bytes fit.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Whether nothing can be changed.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>How many flushes of files succeed before one fails.</summary>
    public int FlushesUntilFailure { get; set; } = int.MaxValue;

    /// <summary>Whether locks keep nobody out, as on a file system without them.</summary>
    public bool HasNoLocks { get; set; }

    public TaskCreationOptions Completions => TaskCreationOptions.None;

    public IReadOnlyDictionary<string, FaultFile> Files => _names;

    /// <summary>Runs until a task is done.</summary>
    public T Run<T>(Func<Task<T>> body) => WithoutContext(() =>
    {
        var task = body();
        while (!task.IsCompleted) Pump();
        return task.GetAwaiter().GetResult();
    });

    /// <summary>What a task fails with, awaited without blocking the thread that pumps.</summary>
    public static async Task<Exception> FailureOf(Task task) => await OutcomeOf(task) ?? throw new AssertionException("It did not fail.");

    /// <summary>What a task fails with; null if it does not.</summary>
    public static async Task<Exception?> OutcomeOf(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Runs one step.</summary>
    public void Pump() => WithoutContext(() =>
    {
        if (!_steps.TryDequeue(out var step))
            throw new InvalidOperationException($"Nothing is left to happen, and the task is not done:\n{string.Join('\n', Trace)}");
        step();
        return true;
    });

    public Task<T> RunAsync<T>(Func<T> step)
    {
        var completion = new TaskCompletionSource<T>();
        _steps.Enqueue(() =>
        {
            T result;
            try
            {
                result = step();
            }
            catch (Exception e)
            {
                completion.SetException(e);
                return;
            }

            completion.SetResult(result);
        });
        return completion.Task;
    }

    /// <summary>The files as the next process on the machine finds them.</summary>
    public FaultFiles AfterKill()
    {
        var next = new FaultFiles();
        foreach (var (name, file) in _names) next._names.Add(name, file.For(next));
        foreach (var (name, file) in _safeNames) next._safeNames.Add(name, file?.For(next));
        return next;
    }

    /// <summary>The files as the machine finds them after its power was gone.</summary>
    public FaultFiles AfterPowerLoss(Random random)
    {
        var next = new FaultFiles();
        foreach (var name in _names.Keys.Union(_safeNames.Keys, StringComparer.Ordinal).ToList())
        {
            _names.TryGetValue(name, out var present);
            if (_safeNames.TryGetValue(name, out var safe) && !ReferenceEquals(safe, present) && random.Next(2) == 0) present = safe;
            if (present is null) continue;
            var file = present.AfterPowerLoss(next, random);
            next._names.Add(name, file);
            next._safeNames.Add(name, file);
        }

        return next;
    }

    /// <summary>The same files, one of them changed, or gone where the change gives null.</summary>
    public FaultFiles With(string name, Func<byte[], byte[]?> change)
    {
        var next = AfterKill();
        var bytes = change(_names[name].Content);
        next._names.Remove(name);
        next._safeNames.Remove(name);
        if (bytes is null) return next;
        next._names.Add(name, FaultFile.Of(next, name, bytes));
        next._safeNames.Add(name, next._names[name]);
        return next;
    }

    public string FullName(string path) => $"/disk/{path}";

    public IReadOnlyList<string> ListFiles(string directory) =>
        [.. _names.Keys.Where(name => name.StartsWith(directory + "/", StringComparison.Ordinal)).Select(name => name[(directory.Length + 1)..])];

    public IReadOnlyList<string> ListDirectories() => [.. _names.Keys.Select(name => name.Split('/')[0]).Distinct(StringComparer.Ordinal)];

    public void CreateDirectory(string directory) => Step($"mkdir {directory}");

    public IJournalFile Create(string path)
    {
        Step($"create {path}");
        NoteName(path);
        return _names[path] = new FaultFile(this, path);
    }

    public IJournalFile? Open(string path, bool writable = false) => _names.GetValueOrDefault(path);

    public void Rename(string from, string to)
    {
        Step($"rename {from} {to}");
        NoteName(from);
        NoteName(to);
        _names[to] = _names[from];
        _names[to].Name = to;
        _names.Remove(from);
    }

    public void Delete(string path)
    {
        Step($"delete {path}");
        NoteName(path);
        _names.Remove(path);
    }

    public void FlushDirectory(string directory)
    {
        Step($"flush {directory}");
        foreach (var name in _safeNames.Keys.ToList()) _safeNames[name] = _names.GetValueOrDefault(name);
    }

    public IDisposable Lock(string path) =>
        HasNoLocks || _locked.Add(path) ? new Unlock(_locked, path) : throw new JournalLockedException($"'{path}' is locked by somebody: stop them.");

    internal void Step(string what)
    {
        if (HasCrashed) throw new CrashException();
        Trace.Add($"{Operations}: {what}");
        if (Operations++ == CrashAt)
        {
            HasCrashed = true;
            throw new CrashException();
        }

        if (IsReadOnly) throw new IOException($"Read-only file system : '{what}'");
    }

    internal void Write(FaultFile file, string name, long position, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Step($"write {name} {position} {bytes.Length}");
        }
        catch (CrashException) when (Operations == CrashAt + 1 && CrashedWriteBytes < 0 && Trace.Count == Operations)
        {
            CrashedWriteBytes = bytes.Length;
            file.Put(position, bytes[..Math.Min(CrashBytes, bytes.Length)]);
            throw;
        }

        var room = Capacity - _names.Values.Sum(other => other.Length) + Math.Max(0, file.Length - position);
        file.Put(position, bytes[..(int)Math.Min(bytes.Length, Math.Max(0, room))]);
        if (room < bytes.Length) throw new IOException($"No space left on device : '{name}'");
    }

    internal bool TakeFlushFailure() => FlushesUntilFailure != int.MaxValue && FlushesUntilFailure-- == 0;

    // A synchronization context would take continuations away from this thread.
    private static T WithoutContext<T>(Func<T> body)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return body();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void NoteName(string path) => _safeNames.TryAdd(path, _names.GetValueOrDefault(path));

    private sealed class Unlock(HashSet<string> locked, string path) : IDisposable
    {
        public void Dispose() => locked.Remove(path);
    }
}

/// <summary>A file in memory: what is written, and what of it is safe.</summary>
internal sealed class FaultFile(FaultFiles files, string name) : IJournalFile
{
    public string Name { get; set; } = name;

    private byte[] _content = [];
    private byte[] _safe = [];
    private bool[] _dirty = [];

    public long Length => _content.Length;

    public byte[] Content => _content;

    public static FaultFile Of(FaultFiles files, string name, byte[] content) => new(files, name)
    {
        _content = [.. content],
        _safe = [.. content],
        _dirty = new bool[content.Length],
    };

    public FaultFile For(FaultFiles next) => new(next, Name) { _content = [.. _content], _safe = [.. _safe], _dirty = [.. _dirty] };

    /// <summary>Of what was not flushed any blocks may be on the disk, the others as they were before or, where nothing was, zeros or anything.</summary>
    public FaultFile AfterPowerLoss(FaultFiles next, Random random)
    {
        var length = _safe.Length == _content.Length ? _safe.Length : random.Next(3) switch
        {
            0 => _safe.Length,
            1 => _content.Length,
            _ => random.Next(Math.Min(_safe.Length, _content.Length), Math.Max(_safe.Length, _content.Length) + 1),
        };
        var bytes = new byte[length];
        var garbage = random.Next(3) == 0;
        for (var at = 0; at < length;)
        {
            var end = Math.Min(length, at + random.Next(1, 64)); // a disk's blocks are larger; smaller ones tear more
            var isWritten = random.Next(2) == 0;
            for (; at < end; at++)
            {
                var isDirty = at < _dirty.Length && _dirty[at];
                bytes[at] = isDirty && isWritten ? _content[at]
                    : at < _safe.Length ? _safe[at]
                    : garbage ? (byte)random.Next(256) : (byte)0;
            }
        }

        return Of(next, Name, bytes);
    }

    public int Read(long position, Span<byte> buffer)
    {
        if (position >= _content.Length) return 0;
        var count = (int)Math.Min(buffer.Length, _content.Length - position);
        _content.AsSpan((int)position, count).CopyTo(buffer);
        return count;
    }

    public void Write(long position, ReadOnlySpan<byte> bytes) => files.Write(this, Name, position, bytes);

    public void SetLength(long length)
    {
        files.Step($"cut {Name} {length}");
        Resize((int)length);
    }

    public void Flush()
    {
        files.Step($"flush {Name}");
        var fails = files.TakeFlushFailure();
        if (!fails)
        {
            Array.Resize(ref _safe, _content.Length);
            for (var i = 0; i < _content.Length; i++)
            {
                if (_dirty[i]) _safe[i] = _content[i];
            }
        }

        Array.Clear(_dirty); // also after a failure: the system forgets what it could not write
        if (fails) throw new IOException($"Input/output error : '{Name}'");
    }

    public void Dispose()
    {
    }

    internal void Put(long position, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (position + bytes.Length > _content.Length) Resize((int)position + bytes.Length);
        bytes.CopyTo(_content.AsSpan((int)position));
        _dirty.AsSpan((int)position, bytes.Length).Fill(true);
    }

    private void Resize(int length)
    {
        Array.Resize(ref _content, length);
        Array.Resize(ref _dirty, length);
    }
}
