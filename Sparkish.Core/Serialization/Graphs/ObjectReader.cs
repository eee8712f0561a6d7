using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>The state of one graph being read: objects by number and types by number.</summary>
/// <param name="binder">Finds types.</param>
/// <param name="context">The admitted types, the limits, and the writer of the bytes.</param>
/// <param name="isDataOnly">Whether objects that need code of the application are refused.</param>
internal sealed class ObjectReader(TypeBinder binder, SerializationContext? context, bool isDataOnly = false)
{
    // A list with more objects is not pooled.
    private const int LargestSpare = 1 << 14;

    // Growing lists of some thousand objects uses large arrays, which only the slowest collections reclaim.
    [ThreadStatic]
    private static List<Entry>? _spare;

    private readonly List<Entry> _objects = TakeSpare() ?? [];
    private Dictionary<ObjectPlan, WrittenShape>? _shapes;
    private ObjectPlan? _lastPlan;
    private WrittenShape? _lastShape;
    private List<Action>? _deferred;
    private KeyWork? _keyWork;

    // The additional size of the input if each reference were replaced by a copy of its object. A reference counts at most int.MaxValue, and an input has fewer
    // references than that, so the sum cannot overflow.
    private long _expansion;

    // The nesting depth within the value of a removed field, and the last type that was skipped there.
    private int _dropping;
    private int _skips;
    private string? _lastSkip;

    // Of the highest object read since the enclosing one began.
    private int _height;

    public TypeBinder Binder => binder;

    /// <summary>The types that may be created.</summary>
    public TypeAdmission Admission { get; } = context?.Admission ?? TypeAdmission.Default;

    public TypeTableReader Types { get; } = new(binder, context?.Admission ?? TypeAdmission.Default);

    /// <summary>The writer of the bytes.</summary>
    public Trust Trust { get; } = context?.Trust ?? Trust.Peer;

    /// <summary>Whether objects that need code of the application are refused.</summary>
    public bool IsDataOnly => isDataOnly;

    /// <summary>
    /// The size of the value that <see cref="Read"/> or <see cref="ReadSlot"/> read last, with shared objects counted once per reference. It limits the steps
    /// of a hash code or a comparison that visits all parts, which can grow exponentially with the input. Objects in a cycle count once: see
    /// <see cref="OpenReferences"/>.
    /// </summary>
    public long LastSize { get; private set; }

    /// <summary>The nesting depth of the last value, with references followed; those in a cycle do not count.</summary>
    public int LastHeight { get; private set; }

    /// <summary>The cost so far of hashing and comparing the keys of the graph.</summary>
    public KeyWork KeyWork => _keyWork ??= new KeyWork(context?.Limits ?? SerializationLimits.Default);

    /// <summary>Whether a collection is still to be filled when all objects are complete.</summary>
    public bool HasDeferred => _deferred is not null;

    /// <summary>
    /// Number of references so far to incomplete objects, or to objects that contain such a reference. A value during whose reading this number did not change
    /// is complete and free of cycles: computing its hash code is possible and terminates.
    /// </summary>
    public int OpenReferences { get; private set; }

    /// <summary>
    /// Number of functions so far, and of references to objects that contain some: a value during whose reading it did not change contains none.
    /// </summary>
    public int Functions { get; private set; }

    /// <summary>Reads the root, and then does the work deferred until all objects are complete; the last step of a reader.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="expected">The expected type of the root: no object is created or code called before the type in the input was compared with it.</param>
    public object? ReadRoot(ref ByteReader input, Type expected)
    {
        try
        {
            var root = ReadRoot(ref input, new ExpectedRoot(expected));
            if (_deferred is { } actions)
            {
                foreach (var action in actions) action();
            }

            return root;
        }
        finally
        {
            _objects.Clear();
            if (_objects.Capacity <= LargestSpare) _spare = _objects;
        }
    }

    /// <summary>
    /// Defers work until the root is complete; in the order of these calls. A collection that calls at the end of its own reading is thus filled after the
    /// inner ones.
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
            NodeTag.Object or NodeTag.Fields => ReadNew(tag, Types.Read(ref input), ref input),
            NodeTag.Exception or NodeTag.Surrogate => ReadOther(tag, ref input),
            _ => throw new SerializationException($"Unknown object tag {(byte)tag}."),
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

    public T ReadSlot<T>(ValuePlan<T> structure, ref ByteReader input)
    {
        var (start, outer) = (SizeBefore(input), _height);
        _height = 0;
        T value = default!;
        structure.ReadValue(this, ref input, ref value);
        LastSize = SizeBefore(input) - start;
        LeaveHeight(outer);
        return value;
    }

    /// <summary>Registers an object before its parts are read, so that they may refer to it.</summary>
    public void Register(int id, object value)
    {
        if (id >= 0) CollectionsMarshal.AsSpan(_objects)[id].Value = value;
    }

    /// <summary>Throws unless objects of a type may be created.</summary>
    public void Admit(Type type)
    {
        if (Admission.Refusal(type) is not null && Admission.Refusal(type, Types.HasSurrogate) is { } reason) throw new SerializationException($"{reason}.");
        if (isDataOnly && !DataTypes.Contains(type)) throw new SerializationException($"{type} needs code of the application to be created.");
    }

    /// <summary>Counts a function that was read.</summary>
    public void CountFunction() => Functions++;

    /// <summary>Returns the written shape of a type's fields, which precedes its first object.</summary>
    public WrittenShape ShapeOf(ObjectPlan plan, TypeShape shape, ref ByteReader input)
    {
        if (ReferenceEquals(plan, _lastPlan)) return _lastShape!;
        _shapes ??= [];
        if (!_shapes.TryGetValue(plan, out var written)) _shapes.Add(plan, written = WrittenShape.Read(this, shape, ref input));
        (_lastPlan, _lastShape) = (plan, written);
        return written;
    }

    /// <summary>Skips an unused value; a type with fields only need not exist here.</summary>
    public void Drop(WrittenSlot slot, ref ByteReader input)
    {
        input.Enter();
        _dropping++;
        if (slot.IsReference) Read(ref input);
        else if (slot.Type!.Found is { } type) ReadSlot(ObjectPlans.InPlace(type), ref input);
        else if (slot.Kind == SlotKind.Fixed) Skip(slot.Type, slot.Size, ref input);
        else if (slot.Kind == SlotKind.Fields) SkipFields(slot.Type, ref input);
        else throw new SerializationException(slot.Type.Error!);
        _dropping--;
        input.Leave();
    }

    private object? ReadRoot(ref ByteReader input, ExpectedRoot expected)
    {
        input.Enter();
        var tag = (NodeTag)input.ReadByte();
        var announced = tag == NodeTag.Root ? Types.Read(ref input) : null;
        if (announced is not null)
        {
            expected.CheckAnnounced(announced);
            tag = (NodeTag)input.ReadByte();
            for (; tag == NodeTag.Prelude; tag = (NodeTag)input.ReadByte())
            {
                Read(ref input);
                _expansion -= LastSize;
            }
        }

        var root = tag switch
        {
            NodeTag.Null => null,
            NodeTag.Object or NodeTag.Fields => ReadNew(tag, RootType(announced, expected, ref input), ref input),
            NodeTag.Exception or NodeTag.Surrogate => ReadOther(tag, ref input, expected),
            NodeTag.Reference when announced is not null => Known(input.ReadCount(minBytesEach: 0)),
            _ => throw new SerializationException($"Unknown tag {(byte)tag} of a graph's root."),
        };
        input.Leave();
        return root;
    }

    private NamedType RootType(NamedType? announced, ExpectedRoot expected, ref ByteReader input)
    {
        var type = Types.Read(ref input);
        expected.Check(type);
        return announced is null || announced.Found == type.Found
            ? type
            : throw new SerializationException($"The input holds a {type.Found} where it announces a {announced.Found}.");
    }

    private object? ReadNew(NodeTag tag, NamedType type, ref ByteReader input)
    {
        if (type.Found is null && _dropping > 0 && tag == NodeTag.Fields)
        {
            var skipped = Reserve();
            SkipFields(type, ref input);
            _objects[skipped] = new Entry { Size = 1, Skipped = type.Error };
            return null;
        }

        // Known types are on the list that applies without configuration.
        if (!type.IsAdmitted && !(type.IsWellKnown && ReferenceEquals(Admission, TypeAdmission.Default) && !isDataOnly)) Admit(type);
        var plan = type.Plan;
        if (plan.Tag != tag)
            throw new SerializationException(
                plan is RefusedPlan refused ? $"{refused.Reason}." : $"{plan.Type} has another layout here: deploy the same build everywhere.");
        if (type.LayoutError is not null && tag != NodeTag.Fields) throw new SerializationException(type.LayoutError);
        if (!plan.IsShared) return plan.Read(this, ref input, id: -1);
        var (id, start, open, functions, skips) = (Reserve(), SizeBefore(input), OpenReferences, Functions, _skips);
        var value = plan.Read(this, ref input, id);
        Complete(id, value, SizeBefore(input) - start, open, functions, skips);
        return value;
    }

    private object ReadOther(NodeTag tag, ref ByteReader input, ExpectedRoot? expected = null)
    {
        var (id, start, open, functions, skips) = (Reserve(), SizeBefore(input), OpenReferences, Functions, _skips);
        var value = tag == NodeTag.Exception ? ExceptionPlan.ReadAny(this, ref input, expected) : UserSurrogatePlan.ReadAny(this, ref input, expected);
        Complete(id, value, SizeBefore(input) - start, open, functions, skips);
        return value;
    }

    private void Admit(NamedType type)
    {
        Admit(type.Type);
        if (!type.IsWellKnown) type.IsAdmitted = true;
    }

    private void SkipFields(NamedType type, ref ByteReader input)
    {
        type.Skipped ??= WrittenShape.Read(this, null, ref input);
        foreach (var slot in type.Skipped.Slots) Drop(slot, ref input);
        Skip(type, 0, ref input);
    }

    private void Skip(NamedType type, int bytes, ref ByteReader input)
    {
        input.ReadRaw(bytes);
        _skips++;
        _lastSkip = type.Error;
    }

    private int Reserve()
    {
        _objects.Add(default);
        return _objects.Count - 1;
    }

    // Separate values: the compiler keeps those in registers, but not a tuple of five. This is done for every object.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Complete(int id, object value, long size, int open, int functions, int skips)
    {
        ref var entry = ref CollectionsMarshal.AsSpan(_objects)[id];
        entry.Value = value;
        entry.Size = (int)Math.Clamp(size, 1, int.MaxValue);
        entry.Height = ++_height;
        entry.IsOpen = open != OpenReferences;
        entry.HoldsFunction = functions != Functions;
        entry.Skipped = skips == _skips ? null : _lastSkip;
    }

    private object? Known(int id)
    {
        if (id >= _objects.Count) throw new SerializationException($"Object {id} is referred to but was not written.");
        ref var entry = ref CollectionsMarshal.AsSpan(_objects)[id];
        if (entry.IsOpen || entry.Size == 0) OpenReferences++;
        if (entry.HoldsFunction) Functions++;
        _expansion += entry.Size;
        _height = Math.Max(_height, entry.Height);
        if (entry.Skipped is null) return entry.Value ?? throw new SerializationException($"Object {id} is referred to before it is complete.");

        // An object skipped in a removed field is incomplete, so a field that still exists cannot hold it.
        return _dropping > 0 ? entry.Value : throw new SerializationException(entry.Skipped);
    }

    private static List<Entry>? TakeSpare()
    {
        var spare = _spare;
        _spare = null;
        return spare;
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
        public bool HoldsFunction;

        // The error of a type that was passed over in it.
        public string? Skipped;
    }
}
