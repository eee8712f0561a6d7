using System.Runtime.InteropServices;

namespace Sparkish.Serialization;

/// <summary>The state of one graph being read: objects by number and types by number.</summary>
internal sealed class ObjectReader(TypeBinder binder, SerializationLimits? limits = null)
{
    private readonly List<Entry> _objects = [];
    private readonly HashSet<ObjectPlan> _described = [];
    private List<Action>? _deferred;

    // The bytes that the input would be longer by if each reference were written out as the object that it refers to. A reference counts at most
    // int.MaxValue, and an input has fewer references than that, so that the sum cannot overflow.
    private long _expansion;

    // Of the highest object read since the one around it began.
    private int _height;

    public TypeBinder Binder => binder;

    public TypeTableReader Types { get; } = new(binder);

    /// <summary>
    /// The bytes of what <see cref="Read"/> or <see cref="ReadSlot"/> read last, were nothing in it shared: a bound of the steps of a hash code
    /// or a comparison that visits all parts, which grows as the power of a few bytes. Objects in a cycle count once: see <see cref="OpenReferences"/>.
    /// </summary>
    public long LastSize { get; private set; }

    /// <summary>How deep objects nest in what was read last, with references followed; those in a cycle count for nothing.</summary>
    public int LastHeight { get; private set; }

    /// <summary>What hashing and comparing the keys of the graph costs so far.</summary>
    public KeyWork KeyWork { get; } = new(limits ?? SerializationLimits.Default);

    /// <summary>Whether a collection is still to be filled when all objects are complete.</summary>
    public bool HasDeferred => _deferred is not null;

    /// <summary>
    /// How many references so far led to an object that was not complete, or to one that holds such a reference. What was read while this number
    /// stood still is complete and free of cycles: its hash code can be asked for, and asking ends.
    /// </summary>
    public int OpenReferences { get; private set; }

    /// <summary>Reads the root, and then does what was put off until all objects are complete.</summary>
    public object? ReadRoot(ref ByteReader input)
    {
        var root = Read(ref input);
        if (_deferred is { } actions)
        {
            foreach (var action in actions) action();
        }

        return root;
    }

    /// <summary>
    /// Puts work off until the root is complete; in the order of these calls. A collection that calls at the end of its own reading is thus filled
    /// after those inside it.
    /// </summary>
    public void Defer(Action action) => (_deferred ??= []).Add(action);

    public object? Read(ref ByteReader input)
    {
        input.Enter();
        var tag = (NodeTag)input.ReadByte();
        while (tag == NodeTag.Prelude)
        {
            Read(ref input);
            _expansion -= LastSize;
            tag = (NodeTag)input.ReadByte();
        }

        var (start, outer) = (SizeBefore(input) - 1, _height);
        _height = 0;
        object? value = tag switch
        {
            NodeTag.Null => null,
            NodeTag.Reference => Known(input.ReadCount(minBytesEach: 0)),
            NodeTag.Object => ReadNew(ObjectPlans.For(Types.Read(ref input).Type), ref input),
            NodeTag.Exception => ReadException(ref input),
            _ => throw new SerializationException($"{(byte)tag} marks no object."),
        };
        LastSize = SizeBefore(input) - start;
        LeaveHeight(outer);
        input.Leave();
        return value;
    }

    public object? ReadSlot(ObjectPlan? structure, ref ByteReader input)
    {
        if (structure is null) return Read(ref input);
        var (start, outer) = (SizeBefore(input), _height);
        _height = 0;
        var value = structure.Read(this, ref input, id: -1);
        LastSize = SizeBefore(input) - start;
        LeaveHeight(outer);
        return value;
    }

    public bool IsFirst(ObjectPlan plan) => _described.Add(plan);

    /// <summary>Makes an object known before its parts are read, so that they may refer to it.</summary>
    public void Register(int id, object value)
    {
        if (id >= 0) CollectionsMarshal.AsSpan(_objects)[id].Value = value;
    }

    private object ReadNew(ObjectPlan plan, ref ByteReader input)
    {
        if (plan.Tag != NodeTag.Object) throw new SerializationException($"{plan.Type} stands where it cannot.");
        if (!plan.IsShared) return plan.Read(this, ref input, id: -1);
        var (id, start, open) = (Reserve(), SizeBefore(input), OpenReferences);
        var value = plan.Read(this, ref input, id);
        Complete(id, value, SizeBefore(input) - start, open != OpenReferences);
        return value;
    }

    private Exception ReadException(ref ByteReader input)
    {
        var (id, start, open) = (Reserve(), SizeBefore(input), OpenReferences);
        var exception = ExceptionPlan.ReadAny(this, ref input);
        Complete(id, exception, SizeBefore(input) - start, open != OpenReferences);
        return exception;
    }

    private int Reserve()
    {
        _objects.Add(default);
        return _objects.Count - 1;
    }

    private void Complete(int id, object value, long size, bool isOpen) =>
        CollectionsMarshal.AsSpan(_objects)[id] = new Entry { Value = value, Size = (int)Math.Clamp(size, 1, int.MaxValue), IsOpen = isOpen, Height = ++_height };

    private object Known(int id)
    {
        if (id >= _objects.Count) throw new SerializationException($"Object {id} is referred to but was not written.");
        ref var entry = ref CollectionsMarshal.AsSpan(_objects)[id];
        if (entry.IsOpen || entry.Size == 0) OpenReferences++;
        _expansion += entry.Size;
        _height = Math.Max(_height, entry.Height);
        return entry.Value ?? throw new SerializationException($"Object {id} is referred to before it is complete.");
    }

    private void LeaveHeight(int outer)
    {
        LastHeight = _height;
        _height = Math.Max(outer, _height);
    }

    private long SizeBefore(in ByteReader input) => input.Position + _expansion;

    private struct Entry
    {
        public object? Value;

        // Zero until the object is complete.
        public int Size;
        public int Height;
        public bool IsOpen;
    }
}
