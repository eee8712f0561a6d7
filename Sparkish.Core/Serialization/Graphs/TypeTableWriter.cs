#pragma warning disable MA0048 // a row is kept with its table
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>The state of one type in a graph that is being written.</summary>
internal sealed class WrittenType
{
    public Type Type { get; private set; } = typeof(object);

    /// <summary>Its number in the input; zero until it is described there.</summary>
    public int Number { get; set; }

    /// <summary>Its plan; null until its first object, and if it is not admitted.</summary>
    public ObjectPlan? Plan { get; private set; }

    /// <summary>The reason why its objects are refused, unless one of their parts is refused earlier; null if they are not.</summary>
    public string? Refusal { get; private set; }

    public bool IsShared { get; private set; }

    public bool IsLate { get; private set; }

    public void Begin(Type type)
    {
        (Type, Plan, Refusal) = (type, null, null);
        Number = TypeTable.WellKnownNumbers.GetValueOrDefault(type);
    }

    public void Take(ObjectPlan plan, string? refusal) => (Plan, Refusal, IsShared, IsLate) = (plan, refusal, plan.IsShared, plan.IsLate);
}

/// <summary>The types of one graph being written.</summary>
internal sealed class TypeTableWriter
{
    // Entries are reused by the next graph, and hold no types in between, whose load context may be unloaded.
    private const int KeptEntries = 64;

    private readonly Dictionary<Type, WrittenType> _types = [];
    private readonly Dictionary<string, int> _assemblies = new(StringComparer.Ordinal);
    private readonly List<WrittenType> _entries = [];

    // The types of neighbouring objects alternate between a few, and looking a type up in the dictionary takes longer than writing a small object.
    private readonly WrittenType?[] _recent = new WrittenType?[8];
    private int _numbers = TypeTable.WellKnown.Length;

    /// <summary>The surrogates of types; null without any.</summary>
    public SurrogateTable? Surrogates { get; set; }

    public void Clear()
    {
        foreach (var entry in _types.Values) entry.Begin(typeof(object));
        if (_entries.Count > KeptEntries) _entries.RemoveRange(KeptEntries, _entries.Count - KeptEntries);
        _types.Clear();
        _assemblies.Clear();
        Array.Clear(_recent);
        Surrogates = null;
        _numbers = TypeTable.WellKnown.Length;
    }

    public WrittenType Of(Type type)
    {
        ref var recent = ref _recent[(int)(type.TypeHandle.Value >> 6) & 7];
        if (recent is { } known && ReferenceEquals(known.Type, type)) return known;
        if (!_types.TryGetValue(type, out var entry))
        {
            if (_types.Count == _entries.Count) _entries.Add(new WrittenType());
            entry = _entries[_types.Count];
            entry.Begin(type);
            _types.Add(type, entry);
        }

        recent = entry;
        return entry;
    }

    public void Write(ByteWriter output, Type type) => Write(output, Of(type));

    public void Write(ByteWriter output, WrittenType entry)
    {
        output.WriteCount(entry.Number);
        if (entry.Number > 0) return;
        WriteParts(output, entry.Type);
        entry.Number = ++_numbers;
    }

    private void WriteParts(ByteWriter output, Type type)
    {
        if (type.IsArray)
        {
            output.WriteByte(type.IsSZArray ? TypeTable.Vector : TypeTable.Matrix);
            if (!type.IsSZArray) output.WriteCount(type.GetArrayRank());
            Write(output, type.GetElementType()!);
            return;
        }

        if (FrameworkAssemblies.Contains(type.Assembly) && Surrogates?.TypeFor(type) is { } surrogate)
        {
            output.WriteByte(TypeTable.Surrogated);
            Write(output, surrogate);
        }

        var layout = BlockLayout.Of(type);
        if (type.IsConstructedGenericType)
        {
            output.WriteByte(layout == 0 ? TypeTable.Generic : TypeTable.GenericBlock);
            Write(output, type.GetGenericTypeDefinition());
            output.WriteCount(type.GenericTypeArguments.Length);
            foreach (var argument in type.GenericTypeArguments) Write(output, argument);
        }
        else
        {
            output.WriteByte(layout == 0 ? TypeTable.Named : TypeTable.NamedBlock);
            WriteAssembly(output, AssemblyNames.Of(type.Assembly));
            output.WriteString(type.FullName ?? throw new SerializationException($"{type} has no name to find it by."));
        }

        if (layout != 0) output.WriteUnmanaged(layout);
    }

    private void WriteAssembly(ByteWriter output, string name)
    {
        if (_assemblies.TryGetValue(name, out var number))
        {
            output.WriteCount(number);
            return;
        }

        output.WriteCount(0);
        output.WriteString(name);
        _assemblies.Add(name, _assemblies.Count + 1);
    }
}
