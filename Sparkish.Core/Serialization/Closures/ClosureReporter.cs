using Sparkish.Serialization.Closures.Analysis;
using Sparkish.Serialization.Graphs;

namespace Sparkish.Serialization.Closures;

/// <summary>Lists what a function captures by the names in its source.</summary>
internal sealed class ClosureReporter
{
    private readonly CaptureUse _use;
    private readonly List<CapturedVariable> _captured = [];
    private readonly List<CapturedVariable> _dropped = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);

    private ClosureReporter(CaptureUse use) => _use = use;

    public static ClosureReport Of(Delegate function, CaptureUse use, string? whole)
    {
        var reporter = new ClosureReporter(use);
        reporter.AddFunction(function);
        return new ClosureReport([.. reporter._captured.Distinct()], [.. reporter._dropped.Distinct().Except(reporter._captured)], whole);
    }

    private void AddFunction(Delegate function)
    {
        foreach (var part in FunctionParts.Of(function))
        {
            if (part.Target is not { } target || CompilerTypes.IsSingleton(target.GetType()) || !_seen.Add(target)) continue;
            if (CompilerTypes.IsCapture(target.GetType())) AddScope(target);
            else if (part.Method.IsStatic) _captured.Add(new CapturedVariable(part.Method.GetParameters()[0].Name ?? "this", target.GetType()));
            else AddSelf(target);
        }
    }

    private void AddScope(object scope)
    {
        foreach (var field in CapturedField.Of(scope.GetType()))
        {
            var isUsed = !_use.IsPruned(scope) || _use.IsUsed(scope, field);
            var value = field.Info.GetValue(scope);
            if (field.IsOuterThis)
            {
                if (value is not null && isUsed && _seen.Add(value)) AddSelf(value);
                else if (value is not null && !isUsed) _dropped.Add(new CapturedVariable("this", value.GetType()));
            }
            else if (field.IsOuterScope)
            {
                if (value is not null && isUsed && _seen.Add(value)) AddScope(value);
                else if (value is not null && !isUsed) DropScope(value);
            }
            else
            {
                Add(PathSegment.Join([new PathSegment(field.Info.Name, 0)]), field, isUsed, value);
            }
        }
    }

    private void AddSelf(object self)
    {
        if (!_use.IsPruned(self))
        {
            _captured.Add(new CapturedVariable("this", self.GetType()));
            return;
        }

        foreach (var field in CapturedField.Of(self.GetType()))
            Add($"this.{PathSegment.Join([new PathSegment(field.Info.Name, 0)])}", field, _use.IsUsed(self, field), field.Info.GetValue(self));
    }

    private void Add(string name, CapturedField field, bool isUsed, object? value)
    {
        (isUsed ? _captured : _dropped).Add(new CapturedVariable(name, field.Info.FieldType));
        if (isUsed && field.MayLeadOn) AddValue(value);
    }

    private void AddValue(object? value)
    {
        if (value is Delegate function)
        {
            AddFunction(function);
        }
        else if (value is not null && FunctionHolders.IsHolder(value.GetType()) && _seen.Add(value))
        {
            foreach (var part in FunctionHolders.PartsOf(value)) AddValue(part);
        }
    }

    private void DropScope(object scope)
    {
        foreach (var field in CapturedField.Of(scope.GetType()))
        {
            var value = field.Info.GetValue(scope);
            if (field.IsOuterScope && value is not null) DropScope(value);
            else if (field.IsOuterThis && value is not null) _dropped.Add(new CapturedVariable("this", value.GetType()));
            else if (!field.IsOuterScope && !field.IsOuterThis)
                _dropped.Add(new CapturedVariable(PathSegment.Join([new PathSegment(field.Info.Name, 0)]), field.Info.FieldType));
        }
    }
}
