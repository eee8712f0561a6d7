using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Sparkish.Serialization.Types;

/// <summary>
/// Resolves names from the wire to types and methods. It finds assemblies, checks module versions, and admits only types of the application's assemblies, of
/// Sparkish, and a list of plain framework types. Thread-safe; results are cached.
/// </summary>
public sealed class TypeBinder
{
    private const int LongestName = 4096;

    /// <summary>The prefix that the C# compiler gives the names of script assemblies.</summary>
    private const string ScriptPrefix = "\u211B*";

    // More generic types than any program sends; invented types are not cached beyond this.
    private const int MostConstructed = 10_000;

    private readonly Func<AssemblyName, Assembly?> _resolve;
    private readonly ConcurrentDictionary<string, Assembly> _assemblies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Assembly, string Name), Type> _types = new();
    private readonly ConcurrentDictionary<(Type Declaring, int Token), MethodInfo> _methods = new();
    private readonly ConcurrentDictionary<Type[], Type> _constructed = new(TypeSequence.Comparer);

    private int _found;

    /// <summary>Creates a binder that finds assemblies by a function; null means not found.</summary>
    public TypeBinder(Func<AssemblyName, Assembly?> resolve)
    {
        _resolve = resolve;
        Constructing = Construct;
    }

    /// <summary>The binder of this process's own application: finds assemblies that can be loaded by name, else loaded ones.</summary>
    public static TypeBinder Application { get; } = new(FindInProcess);

    /// <summary>Number of assemblies found so far.</summary>
    internal int Found => Volatile.Read(ref _found);

    internal Assembly? Resolve(AssemblyName name)
    {
        if (name.Name is null) return null;
        if (_assemblies.TryGetValue(name.Name, out var known)) return known;
        if (_resolve(name) is not { } found) return null;
        var kept = _assemblies.GetOrAdd(name.Name, found);
        Interlocked.Increment(ref _found);
        return kept;
    }

    /// <summary>Finds a type by name. That it is found does not admit it: see <see cref="TypeAdmission"/>.</summary>
    internal Type? TryFindType(string assembly, string name, out string error)
    {
        error = "";
        if (_types.TryGetValue((assembly, name), out var known)) return known;
        if (!(IsPlainName(assembly, "\\/,=:*?\"<>|") || IsScriptOfThisProcess(assembly)) || !IsPlainName(name, "[]*&,"))
        {
            error = "The input holds an invalid name of a type or an assembly.";
            return null;
        }

        try
        {
            if (Resolve(new AssemblyName { Name = assembly }) is not { } found)
            {
                error = $"Type {name} is not known here, since assembly {assembly} was not found: deploy it with the application.";
                return null;
            }

            if (found.GetType(name, throwOnError: false) is { HasElementType: false, IsConstructedGenericType: false } type)
                return _types.GetOrAdd((assembly, name), type);
            error = $"Assembly {assembly} has no type {name} here: deploy the same build everywhere.";
        }
        catch (Exception e) when (e is ArgumentException or IOException or BadImageFormatException or TypeLoadException)
        {
            error = $"Type {name} of assembly {assembly} cannot be loaded: {e.Message}";
        }

        return null;
    }

    /// <summary>Constructs a generic type; asking the runtime each time takes a microsecond and a lock of the process.</summary>
    /// <param name="parts">The definition, then its arguments.</param>
    /// <exception cref="ArgumentException">They do not match, or the first is not a generic definition.</exception>
    internal Type Construct(Type[] parts)
    {
        if (_constructed.TryGetValue(parts, out var known)) return known;
        var made = parts[0].MakeGenericType(parts[1..]);
        return _constructed.Count < MostConstructed ? _constructed.GetOrAdd(parts, made) : made;
    }

    /// <summary><see cref="Construct"/> as a delegate, created once.</summary>
    internal Func<Type[], Type> Constructing { get; }

    /// <summary>Finds a method of a type whose module has been compared already; null if the type has no such method.</summary>
    internal MethodInfo? FindMethod(Type declaring, int token)
    {
        if (_methods.TryGetValue((declaring, token), out var known)) return known;
        try
        {
            var definition = declaring.IsConstructedGenericType ? declaring.GetGenericTypeDefinition() : declaring;
            if (declaring.Module.ResolveMethod(token) is not MethodInfo method || method.DeclaringType != definition) return null;
            var found = declaring.IsConstructedGenericType ? (MethodInfo)MethodBase.GetMethodFromHandle(method.MethodHandle, declaring.TypeHandle)! : method;
            return _methods.Count < MostConstructed ? _methods.GetOrAdd((declaring, token), found) : found;
        }
        catch (ArgumentException e)
        {
            throw new SerializationException($"{declaring.Module.Name} has no method 0x{token:X8}.", e);
        }
    }

    // The compiler gives script assemblies names that are not file names. Only this process has them, so no file is searched.
    private bool IsScriptOfThisProcess(string name) => ReferenceEquals(this, Application) && name.StartsWith(ScriptPrefix, StringComparison.Ordinal)
        && (_assemblies.ContainsKey(name) || FindLoaded(name) is not null);

    // An assembly's name may become a file name, and a type's may be an expression that loads assemblies.
    private static bool IsPlainName(string name, string special)
    {
        if (name.Length is 0 or > LongestName) return false;
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]) || special.Contains(name[i], StringComparison.Ordinal)) return false;
            if (name[i] == '\\') i++; // the character after it is a part of the name
        }

        return true;
    }

    /// <summary>The contexts that the application's assemblies were found in.</summary>
    internal AssemblyLoadContext[] LoadContexts()
    {
        var found = _assemblies.Values.Where(static assembly => !FrameworkAssemblies.Contains(assembly) && assembly != typeof(TypeBinder).Assembly);
        var contexts = found.Select(AssemblyLoadContext.GetLoadContext).OfType<AssemblyLoadContext>();
        return (ReferenceEquals(this, Application) ? contexts.Append(AssemblyLoadContext.Default) : contexts).Distinct().ToArray();
    }

    private static Assembly? FindInProcess(AssemblyName name)
    {
        if (name.Name!.StartsWith(ScriptPrefix, StringComparison.Ordinal)) return FindLoaded(name.Name);
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            // An assembly loaded from elsewhere, such as a script's, is not found by its name alone.
            return FindLoaded(name.Name!);
        }
    }

    private static Assembly? FindLoaded(string name) => Array.Find(AppDomain.CurrentDomain.GetAssemblies(), assembly =>
        !assembly.IsDynamic && !assembly.IsCollectible && string.Equals(AssemblyNames.Of(assembly), name, StringComparison.Ordinal));
}
