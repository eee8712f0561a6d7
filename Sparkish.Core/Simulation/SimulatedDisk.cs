namespace Sparkish.Simulation;

/// <summary>
/// The disk of a simulated node: named files that survive restarts. Appended but unflushed bytes are in the machine's memory. A killed process loses none of
/// them, a lost machine as many as the seed decides, and the last append may be torn.
/// </summary>
public sealed partial class SimulatedDisk
{
    private readonly SortedDictionary<string, StoredFile> _files = new(StringComparer.Ordinal);
    private readonly string _node;
    private readonly Random _random;

    internal SimulatedDisk(string node, Random random)
    {
        _node = node;
        _random = random;
    }

    /// <summary>The capacity in bytes; lower it to fill the disk.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>The total size of all files in bytes.</summary>
    public long Used => _files.Values.Sum(file => (long)file.Length);

    /// <summary>The names of the files, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. _files.Keys];

    /// <summary>Whether a file of this name exists.</summary>
    public bool Exists(string name) => _files.ContainsKey(name);

    /// <summary>Appends bytes to a file, which is created if needed; durable after <see cref="Flush"/>.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        CheckRoom(name, bytes.Length);
        if (!_files.TryGetValue(name, out var file)) _files.Add(name, file = new StoredFile());
        file.Append(bytes);
    }

    /// <summary>Makes the appended bytes of a file durable.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public void Flush(string name) => Find(name).Flush();

    /// <summary>Replaces a file's content atomically and durably: after a crash it is the old content or the new, never a mixture.</summary>
    /// <exception cref="IOException">The disk is full; the old content stays.</exception>
    public void Replace(string name, ReadOnlySpan<byte> bytes)
    {
        CheckRoom(name, bytes.Length);
        var file = new StoredFile();
        file.Append(bytes);
        file.Flush();
        _files[name] = file;
    }

    /// <summary>The whole content of a file.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public byte[] Read(string name) => Find(name).Content();

    /// <summary>Deletes a file durably; false if there was none.</summary>
    public bool Delete(string name) => _files.Remove(name);

    /// <summary>Destroys the disk with all its files; the next start of the node finds an empty one.</summary>
    public void Lose() => _files.Clear();

    /// <summary>Called when the machine is lost: unflushed bytes are lost as the seed decides.</summary>
    internal void LosePower()
    {
        foreach (var file in _files.Values) file.LosePower(_random);
    }

    private StoredFile Find(string name) =>
        _files.TryGetValue(name, out var file) ? file : throw new FileNotFoundException($"There is no file '{name}' on the disk of {_node}.", name);

    private void CheckRoom(string name, int more)
    {
        if (more > Capacity - Used)
            throw new IOException($"No space left on the disk of {_node} for {more} bytes of '{name}': {Used} of {Capacity} bytes are used.");
    }

    private sealed partial class StoredFile
    {
        private byte[] _bytes = [];
        private int _flushed;

        public int Length { get; private set; }

        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (_bytes.Length - Length < bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + bytes.Length));
            bytes.CopyTo(_bytes.AsSpan(Length));
            Length += bytes.Length;
        }

        public void Flush() => _flushed = Length;

        public byte[] Content() => _bytes.AsSpan(0, Length).ToArray();

        public void LosePower(Random random)
        {
            Length = random.Next(_flushed, Length + 1);
            _flushed = Length;
        }
    }
}
