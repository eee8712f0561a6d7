using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// The surrogates that the assemblies of one application register. Assemblies are looked at once each; those loaded later when the next type is
/// asked for. It lives as long as the application's <see cref="TypeBinder"/>, so that it holds no load context longer than that. Safe for all threads.
/// </summary>
internal sealed class SurrogateTable
{
    private static readonly ConditionalWeakTable<Type, Surrogate> Instances = [];
    private static readonly ConditionalWeakTable<TypeBinder, SurrogateTable> Tables = [];

    private static int _loads = CountLoads();

    private readonly Lock _lock = new();
    private readonly HashSet<Assembly> _scanned = [];
    private readonly Dictionary<Type, List<Type>> _surrogates = [];
    private readonly TypeBinder _binder;
    private long _seen = -1;
    private volatile bool _isEmpty = true;

    private SurrogateTable(TypeBinder binder) => _binder = binder;

    // Both only grow, so that their sum stays the same only if neither has grown.
    private long Loads => (long)Volatile.Read(ref _loads) + _binder.Found;

    /// <summary>The surrogates that writers in a context use: where none is given, those of this process's own application.</summary>
    public static SurrogateTable? Of(SerializationContext? context)
    {
        var binder = context is null ? TypeBinder.Application : context.Types;
        return binder is null ? null : Tables.GetValue(binder, static binder => new SurrogateTable(binder));
    }

    /// <summary>The plan by which a type's objects are written; null where nothing stands in for it.</summary>
    /// <exception cref="SerializationException">Two surrogates are registered for the type, or the registered type is not a surrogate.</exception>
    public ObjectPlan? PlanFor(Type type)
    {
        return TypeFor(type) is { } surrogate ? new UserSurrogatePlan(InstanceOf(surrogate), type) : null;
    }

    /// <summary>The surrogate of a type; null where nothing stands in for it.</summary>
    /// <exception cref="SerializationException">Two surrogates are registered for the type, or the registered type is not a surrogate.</exception>
    public Type? TypeFor(Type type)
    {
        if (_isEmpty && Volatile.Read(ref _seen) == Loads) return null;
        lock (_lock)
        {
            Scan();
            for (var part = type; part is not null; part = part.BaseType)
            {
                if (!_surrogates.TryGetValue(part, out var found)) continue;
                return found.Count == 1 ? found[0] : throw new SerializationException(
                    $"{found[0]} and {found[1]} are both registered as surrogates of {part}: keep one.");
            }
        }

        return null;
    }

    /// <summary>What a surrogate that the input names stands in for.</summary>
    /// <exception cref="SerializationException">The type is no surrogate of an application, or stands in for what is not its own.</exception>
    public static Type Check(Type type, TypeAdmission admission)
    {
        if (TargetOf(type) is not { } target || type.IsAbstract || type.ContainsGenericParameters || FrameworkAssemblies.Contains(type.Assembly))
            throw new SerializationException($"{type} is no surrogate.");
        if (admission.Denial(type) is { } reason || (reason = admission.Denial(target)) is not null) throw new SerializationException($"{reason}.");
        var isForeign = type.IsCollectible && !FrameworkAssemblies.Contains(target.Assembly)
            && AssemblyLoadContext.GetLoadContext(target.Assembly) != AssemblyLoadContext.GetLoadContext(type.Assembly);
        return isForeign ? throw new SerializationException($"{type} came with an application and cannot stand in for {target}, which did not.") : target;
    }

    /// <summary>The surrogate of a type that was checked.</summary>
    /// <exception cref="SerializationException">It cannot be made.</exception>
    public static Surrogate InstanceOf(Type type)
    {
        if (Instances.TryGetValue(type, out var known)) return known;
        try
        {
            return Instances.GetValue(type, static type => (Surrogate)Activator.CreateInstance(type)!);
        }
        catch (Exception e) when (e is MissingMethodException or TargetInvocationException or MemberAccessException)
        {
            throw new SerializationException($"{type} cannot be made: a surrogate needs a public constructor without parameters that does not fail.", e);
        }
    }

    private static Type? TargetOf(Type surrogate)
    {
        for (var part = surrogate; part is not null; part = part.BaseType)
        {
            if (part.IsConstructedGenericType && part.GetGenericTypeDefinition() == typeof(Surrogate<,>)) return part.GenericTypeArguments[0];
        }

        return null;
    }

    private static int CountLoads()
    {
        AppDomain.CurrentDomain.AssemblyLoad += static (_, _) => Interlocked.Increment(ref _loads);
        return 0;
    }

    private void Scan()
    {
        var loads = Loads;
        if (_seen == loads) return;
        foreach (var assembly in _binder.LoadContexts().SelectMany(static context => context.Assemblies))
        {
            if (assembly.IsDynamic || _scanned.Contains(assembly) || FrameworkAssemblies.Contains(assembly)) continue;
            foreach (var attribute in assembly.GetCustomAttributes<SerializationSurrogateAttribute>()) Add(attribute.Surrogate, assembly);
            _scanned.Add(assembly);
        }

        _isEmpty = _surrogates.Count == 0;
        Volatile.Write(ref _seen, loads);
    }

    private void Add(Type surrogate, Assembly assembly)
    {
        if (TargetOf(surrogate) is not { } target || surrogate.IsAbstract || surrogate.ContainsGenericParameters)
        {
            throw new SerializationException(
                $"Assembly {AssemblyNames.Of(assembly)} registers {surrogate} as a surrogate: derive it from Surrogate<T, TState>, neither abstract nor generic.");
        }

        var isBuiltIn = target == typeof(object) || target == typeof(string) || target.IsArray || target.IsInterface
            || target.IsAssignableTo(typeof(Delegate)) || target.IsAssignableTo(typeof(Exception)) || target.IsAssignableTo(typeof(Type));
        if (isBuiltIn) throw new SerializationException($"{surrogate} stands in for {target}, which can have no surrogate.");
        if (!_surrogates.TryGetValue(target, out var known)) _surrogates.Add(target, known = []);
        if (!known.Contains(surrogate)) known.Add(surrogate);
    }
}
