#pragma warning disable MA0048 // an entry is kept with its table
using System.CodeDom.Compiler;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Serialization.Types;

/// <summary>A framework type that travels as a value of another type.</summary>
internal abstract record FrameworkSurrogate(Type Type);

/// <summary>The same with the functions between the two.</summary>
internal sealed record FrameworkSurrogate<T, TState>(Func<T, TState> ToState, Func<TState, T> FromState) : FrameworkSurrogate(typeof(T))
    where T : notnull
    where TState : notnull
{
    /// <summary>The memory that is counted for one, where it takes far more, or longer, to make than its bytes tell; null where it does not.</summary>
    public Func<TState, int>? Cost { get; init; }
}

/// <summary>
/// All framework types that are sent as values of other types, in rows and in graphs. They are admitted, and hashing one accesses no other objects.
/// </summary>
internal static class FrameworkSurrogates
{
    private static readonly Dictionary<Type, FrameworkSurrogate> Known = new FrameworkSurrogate[]
    {
        new FrameworkSurrogate<Uri, string>(AddressText.Of, AddressText.Parse),
        new FrameworkSurrogate<Version, string>(static version => version.ToString(), Version.Parse),
        new FrameworkSurrogate<BigInteger, byte[]>(static value => value.ToByteArray(), static bytes => new BigInteger(bytes)),
        new FrameworkSurrogate<StringBuilder, string>(static builder => builder.ToString(), static text => new StringBuilder(text)),
        new FrameworkSurrogate<Regex, (string Pattern, RegexOptions Options, TimeSpan Timeout)>(
            static regex => (regex.ToString(), regex.Options, regex.MatchTimeout),
            static state => new Regex(state.Pattern, state.Options, state.Timeout)) { Cost = CostOfRegex },
        new FrameworkSurrogate<CultureInfo, string>(CultureText.Of, CultureText.Parse),
    }.ToDictionary(surrogate => surrogate.Type);

    public static bool Contains(Type type) => Known.ContainsKey(type);

    /// <summary>The surrogate of a type; null if it has none.</summary>
    public static FrameworkSurrogate? Of(Type type) => Known.GetValueOrDefault(type);

    /// <summary>The surrogate for objects of a type: a source-generated regular expression has a generated class.</summary>
    public static FrameworkSurrogate? OfObject(Type type) => Of(type) ?? (IsGeneratedRegex(type) ? Known[typeof(Regex)] : null);

    // A compiled one takes milliseconds: without a bound a message of a megabyte would keep its reader busy for minutes.
    private static int CostOfRegex((string Pattern, RegexOptions Options, TimeSpan Timeout) state)
    {
        var (fixedBytes, bytesEach) = state.Options.HasFlag(RegexOptions.Compiled) ? (256 << 10, 4 << 10) : (2 << 10, 128);
        return (int)Math.Min(int.MaxValue, fixedBytes + ((long)bytesEach * (state.Pattern?.Length ?? 0)));
    }

    private static bool IsGeneratedRegex(Type type) =>
        type.BaseType == typeof(Regex) && type.GetCustomAttribute<GeneratedCodeAttribute>()?.Tool is "System.Text.RegularExpressions.Generator";
}
