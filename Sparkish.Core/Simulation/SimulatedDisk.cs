namespace Sparkish.Simulation;

/// <summary>
/// The disk of a simulated node: named files that outlive restarts. What was appended and not flushed lives in the machine's memory: a killed process
/// loses none of it, a lost machine as much as the seed says, the last bytes perhaps torn in the middle of an append.
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

    /// <summary>How many bytes fit; lower it to let the disk be full.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>How many bytes all files have.</summary>
    public long Used => _files.Values.Sum(file => (long)file.Length);

    /// <summary>The names of the files, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. _files.Keys];

    /// <summary>Whether there is a file of this name.</summary>
    public bool Exists(string name) => _files.ContainsKey(name);

    /// <summary>Adds bytes to the end of a file, which is made if need be; safe from a lost machine after <see cref="Flush"/>.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        CheckRoom(name, bytes.Length);
        if (!_files.TryGetValue(name, out var file)) _files.Add(name, file = new StoredFile());
        file.Append(bytes);
    }

    /// <summary>Makes what was appended to a file safe.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public void Flush(string name) => Find(name).Flush();

    /// <summary>Puts new content in a file's place at once and safe: after a crash there is the old content or the new, never a mixture.</summary>
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
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public byte[] Read(string name) => Find(name).Content();

    /// <summary>Takes a file away for good; false if there was none.</summary>
    public bool Delete(string name) => _files.Remove(name);

    /// <summary>The disk is lost with all that was on it; the next start of the node finds an empty one.</summary>
    public void Lose() => _files.Clear();

    /// <summary>The machine is gone: what was not flushed is lost as the seed says.</summary>
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
