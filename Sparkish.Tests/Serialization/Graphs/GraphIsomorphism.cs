using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Tests.Serialization.Graphs;

/// <summary>Whether two graphs have the same shape: the same types and values at all ends of the same paths, and one object where there was one.</summary>
internal sealed class GraphIsomorphism
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const BindingFlags Inherited = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly Dictionary<object, object> _there = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, object> _back = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(object? Left, object? Right, string Path)> _pairs = [];
    private readonly object?[] _views = [];

    /// <summary>The first difference, with its path; null for equal graphs.</summary>
    public static string? Difference(object? left, object? right) => new GraphIsomorphism().Compare(left, right);

    private string? Compare(object? left, object? right)
    {
        _pairs.Enqueue((left, right, "root"));
        while (_pairs.TryDequeue(out var pair))
        {
            if (Differ(pair.Left, pair.Right, pair.Path) is { } difference) return $"{pair.Path}: {difference}";
        }

        return null;
    }

    private string? Differ(object? left, object? right, string path)
    {
        if (left is null || right is null) return left == right ? null : $"{left ?? "null"} became {right ?? "null"}";
        if (left.GetType() != right.GetType() && !IsFrozen(left, right)) return $"a {left.GetType()} became a {right.GetType()}";
        if (!left.GetType().IsValueType)
        {
            var isSeen = _there.TryGetValue(left, out var known);
            if (isSeen && !ReferenceEquals(known, right)) return $"two references to one {left.GetType()} became references to two";
            if (!isSeen && _back.ContainsKey(right) && !IsInterned(right)) return $"two objects of {left.GetType()} became one";
            if (isSeen) return null;
            _there.Add(left, right);
            _back[right] = left;
        }

        return Leaf(left, right) switch
        {
            true => null,
            false => $"{left} became {right}",
            null => Parts(left, right, path),
        };
    }

    private static bool IsFrozen(object left, object right)
    {
        var (a, b) = (left.GetType(), right.GetType());
        return a.Namespace is "System.Collections.Frozen" && b.Namespace is "System.Collections.Frozen"
            && a.GenericTypeArguments.Length == b.GenericTypeArguments.Length;
    }

    // Of these a process has one for each value.
    private static bool IsInterned(object value) => value switch
    {
        string text => text.Length == 0,
        Type or CultureInfo or IEqualityComparer or IComparer => true,
        ICollection { Count: 0 } => value.GetType().Namespace is "System.Collections.Immutable" or "System.Collections.Frozen",
        _ => value is IImmutableQueue<object?> { IsEmpty: true } or IImmutableStack<object?> { IsEmpty: true },
    };

    private static bool? Leaf(object left, object right) => left switch
    {
        string text => string.Equals(text, (string)right, StringComparison.Ordinal),
        double number => BitConverter.DoubleToInt64Bits(number) == BitConverter.DoubleToInt64Bits((double)right),
        float number => BitConverter.SingleToInt32Bits(number) == BitConverter.SingleToInt32Bits((float)right),
        decimal number => decimal.GetBits(number).SequenceEqual(decimal.GetBits((decimal)right)),
        DateTime time => time.Equals((DateTime)right) && time.Kind == ((DateTime)right).Kind,
        DateTimeOffset time => time.EqualsExact((DateTimeOffset)right),
        Uri uri => string.Equals(uri.OriginalString, ((Uri)right).OriginalString, StringComparison.Ordinal),
        Regex regex => string.Equals(regex.ToString(), right.ToString(), StringComparison.Ordinal) && regex.Options == ((Regex)right).Options,
        StringBuilder builder => builder.Equals((StringBuilder)right),
        Type or Version or CultureInfo or System.Numerics.BigInteger => left.Equals(right),
        StringComparer => left.Equals(right),
        BitArray bits => bits.Cast<bool>().SequenceEqual(((BitArray)right).Cast<bool>()),
        _ when left.GetType() == typeof(object) => true,
        _ => left.GetType() is { IsPrimitive: true } or { IsEnum: true }
            || left is Guid or TimeSpan or DateOnly or TimeOnly or Half or Int128 or Rune or Index or Range
            ? left.Equals(right)
            : null,
    };

    private string? Parts(object left, object right, string path)
    {
        switch (left)
        {
            case Array array: return Arrays(array, (Array)right, path);
            case Delegate function: return Delegates(function, (Delegate)right, path);
            case Exception exception: return Exceptions(exception, (Exception)right, path);
        }

        var type = left.GetType();
        if (type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true && Views(left, right, path)) return null;
        if (CollectionBase(type) is { } collection)
        {
            Properties(collection, left, right, path);
            Fields(type, collection, left, right, path);
            return Elements(left, right, IsOrdered(collection), path);
        }

        Fields(type, typeof(object), left, right, path);
        return null;
    }

    private string? Arrays(Array left, Array right, string path)
    {
        for (var i = 0; i < left.Rank; i++)
        {
            if (left.GetLength(i) != right.GetLength(i)) return $"a length of {left.GetLength(i)} became {right.GetLength(i)}";
        }

        return Elements(left, right, isOrdered: true, path);
    }

    private string? Delegates(Delegate left, Delegate right, string path)
    {
        var (a, b) = (left.GetInvocationList(), right.GetInvocationList());
        if (a.Length != b.Length || a.Zip(b).Any(pair => pair.First.Method != pair.Second.Method)) return "a delegate became another";
        for (var i = 0; i < a.Length; i++) _pairs.Enqueue((a[i].Target, b[i].Target, path + ".Target"));
        return null;
    }

    private string? Exceptions(Exception left, Exception right, string path)
    {
        if (!string.Equals(left.Message, right.Message, StringComparison.Ordinal)) return $"'{left.Message}' became '{right.Message}'";
        if (left.HResult != right.HResult) return "another HResult";
        _pairs.Enqueue((left.InnerException, right.InnerException, path + ".InnerException"));
        return null;
    }

    private bool Views(object left, object right, string path)
    {
        (object? Whole, int Start, int Length)? Of(object value) => value switch
        {
            Memory<byte> memory => MemoryMarshal.TryGetArray<byte>(memory, out var part) ? (part.Array, part.Offset, part.Count) : null,
            ReadOnlyMemory<int> memory => MemoryMarshal.TryGetArray(memory, out var part) ? (part.Array, part.Offset, part.Count) : null,
            ReadOnlyMemory<char> memory => MemoryMarshal.TryGetString(memory, out var text, out var start, out var length) ? (text, start, length) : null,
            _ => null,
        };
        if (Of(left) is not { } a || Of(right) is not { } b) return false;
        _pairs.Enqueue((a.Length == 0 ? _views : a.Whole, b.Length == 0 ? _views : b.Whole, path + ".Whole"));
        _pairs.Enqueue((a.Start, b.Start, path + ".Start"));
        _pairs.Enqueue((a.Length, b.Length, path + ".Length"));
        return true;
    }

    private void Fields(Type type, Type below, object left, object right, string path)
    {
        for (var part = type; part is not null && part != below; part = part.BaseType)
        {
            foreach (var field in part.GetFields(Declared))
            {
                if (field.IsDefined(typeof(NonSerializedAttribute))) continue;
                _pairs.Enqueue((field.GetValue(left), field.GetValue(right), $"{path}.{field.Name}"));
            }
        }
    }

    // What a collection has besides its elements.
    private void Properties(Type collection, object left, object right, string path)
    {
        foreach (var name in new[] { "Comparer", "KeyComparer", "ValueComparer", "Items", "Dictionary", "Set", "EqualityComparer" })
        {
            if (!collection.IsGenericType && name is not "EqualityComparer") continue;
            if (name is "Items" && collection.GetGenericTypeDefinition() is var definition
                && definition != typeof(Collection<>) && definition != typeof(ReadOnlyCollection<>)) continue;
            if (collection.GetProperty(name, Inherited) is { } property && property.GetIndexParameters().Length == 0 && !property.GetMethod!.IsStatic)
                _pairs.Enqueue((property.GetValue(left), property.GetValue(right), $"{path}.{name}"));
        }
    }

    private string? Elements(object left, object right, bool isOrdered, string path)
    {
        var (a, b) = (Listed(left), Listed(right));
        if (a.Count != b.Count) return $"{a.Count} elements became {b.Count}";
        if (!isOrdered) (a, b) = (Sorted(a), Sorted(b));
        for (var i = 0; i < a.Count; i++) _pairs.Enqueue((a[i], b[i], $"{path}[{i}]"));
        return null;
    }

    private static List<object?> Listed(object collection)
    {
        if (collection is IDictionary map) return [.. Entries(map.Keys, map.Values)];
        if (collection.GetType().GetProperty("UnorderedItems") is { } items) return [.. ((IEnumerable)items.GetValue(collection)!).Cast<object?>()];
        return [.. ((IEnumerable)collection).Cast<object?>()];
    }

    private static IEnumerable<object?> Entries(ICollection keys, ICollection values) =>
        keys.Cast<object?>().Zip(values.Cast<object?>(), (key, value) => (object?)new DictionaryEntry(key!, value));

    // Unordered ones have keys of values only, which sort by their text.
    private static List<object?> Sorted(List<object?> elements) =>
        [.. elements.OrderBy(element => element is DictionaryEntry entry ? $"{entry.Key}" : $"{element}", StringComparer.Ordinal)];

    private static bool IsOrdered(Type collection)
    {
        var definition = collection.IsGenericType ? collection.GetGenericTypeDefinition() : collection;
        return definition != typeof(ConcurrentDictionary<,>) && definition != typeof(ImmutableDictionary<,>) && definition != typeof(ImmutableHashSet<>)
            && definition != typeof(Hashtable) && definition.Namespace is not "System.Collections.Frozen";
    }

    private static Type? CollectionBase(Type type)
    {
        for (var part = type.IsValueType ? null : type; part is not null; part = part.BaseType)
        {
            if (part.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true
                && (typeof(IEnumerable).IsAssignableFrom(part) || part.Name.StartsWith("PriorityQueue", StringComparison.Ordinal)))
                return part;
        }

        return null;
    }
}
