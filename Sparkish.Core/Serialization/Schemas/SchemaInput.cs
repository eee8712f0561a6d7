using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Schemas;

/// <summary>Bytes that are read by an untrusted schema: limited in depth and in steps, for any input.</summary>
internal ref struct SchemaInput
{
    // A value of a schema takes a few steps per byte; schemas of values without bytes could take any number.
    private const long FreeSteps = 1_000_000;
    private const long StepsPerByte = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _maxDepth;
    private ByteReader _reader;
    private long _steps;
    private int _depth;

    public SchemaInput(ReadOnlySpan<byte> bytes, SerializationContext? context)
    {
        _bytes = bytes;
        _reader = new ByteReader(bytes, context);
        _steps = FreeSteps + (StepsPerByte * bytes.Length);
        _maxDepth = (context?.Limits ?? SerializationLimits.Default).MaxDepth;
    }

    public readonly int Position => _reader.Position;

    public readonly int Remaining => _reader.Remaining;

    /// <summary>The bytes between two positions.</summary>
    public readonly ReadOnlySpan<byte> Slice(int start, int end) => _bytes[start..end];

    /// <summary>The next byte, which stays.</summary>
    public readonly byte PeekByte() => _bytes[_reader.Position];

    public ReadOnlySpan<byte> Take(int count)
    {
        Step();
        return _reader.ReadRaw(count);
    }

    public byte ReadByte()
    {
        Step();
        return _reader.ReadByte();
    }

    /// <summary>Reads the byte that says whether a value follows.</summary>
    public bool ReadPresence()
    {
        Step();
        return Presence.Read(ref _reader);
    }

    /// <summary>Reads a count, -1 for null; elements may have no bytes, so their steps count.</summary>
    public int ReadNullableCount()
    {
        Step();
        return _reader.ReadNullableCount(minBytesEach: 0);
    }

    public int ReadCount()
    {
        Step();
        return _reader.ReadCount(minBytesEach: 0);
    }

    public string? ReadString()
    {
        Step();
        return _reader.ReadString();
    }

    /// <summary>Reads a length that precedes a part; returns the end of the part.</summary>
    public int ReadPartEnd()
    {
        Step();
        var length = _reader.ReadUnmanaged<int>();
        return (uint)length <= (uint)_reader.Remaining ? _reader.Position + length
            : throw new SerializationException($"The input holds a part of {length} bytes, but ends after {_reader.Remaining}.");
    }

    /// <summary>Skips a value by reading it.</summary>
    public void ReadBy(StoredValueReader read) => read(ref _reader);

    /// <summary>Enters a level.</summary>
    public void Enter()
    {
        Step();
        if (++_depth > _maxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SerializationException($"The input nests values more than {_depth - 1} levels deep.");
    }

    public void Leave() => _depth--;

    public void Step()
    {
        if (--_steps < 0) throw new SerializationException("The input takes more work than its bytes justify: its schema was not written by a codec.");
    }
}

/// <summary>Reads a value and forgets it.</summary>
internal delegate void StoredValueReader(ref ByteReader reader);
