namespace Sparkish.Simulation;

/// <content>Files as journals use them: by position, cut and renamed.</content>
public sealed partial class SimulatedDisk
{
    internal int LengthOf(string name) => Find(name).Length;

    internal int Read(string name, long position, Span<byte> buffer) => Find(name).Read(position, buffer);

    internal void Write(string name, long position, ReadOnlySpan<byte> bytes)
    {
        var file = Find(name);
        CheckRoom(name, (int)Math.Max(0, position + bytes.Length - file.Length));
        file.Write((int)position, bytes);
    }

    internal void Cut(string name, long length) => Find(name).Cut((int)length);

    /// <summary>Replaces a file by another atomically, and as durably as its content.</summary>
    internal void Rename(string from, string to)
    {
        _files[to] = Find(from);
        _files.Remove(from);
    }

    private sealed partial class StoredFile
    {
        public int Read(long position, Span<byte> buffer)
        {
            if (position >= Length) return 0;
            var bytes = _bytes.AsSpan((int)position, (int)Math.Min(buffer.Length, Length - position));
            bytes.CopyTo(buffer);
            return bytes.Length;
        }

        // Unchanged bytes are not at risk; changed ones, and all after them, are lost unless flushed in time.
        public void Write(int position, ReadOnlySpan<byte> bytes)
        {
            if (position > Length) throw new IOException($"A write at {position} would leave a gap: the file has {Length} bytes.");
            var same = _bytes.AsSpan(position, Math.Min(bytes.Length, Length - position)).CommonPrefixLength(bytes);
            _flushed = Math.Min(_flushed, position + same);
            var inPlace = Math.Min(bytes.Length, Length - position);
            bytes[..inPlace].CopyTo(_bytes.AsSpan(position));
            Append(bytes[inPlace..]);
        }

        public void Cut(int length)
        {
            Length = Math.Min(Length, length);
            _flushed = Math.Min(_flushed, Length);
        }
    }
}
